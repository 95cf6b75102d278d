using System.Text;
using Microsoft.FSharp.Collections;
using Plotly.NET;

namespace Bnn.Report;

/// <summary>Charts by Plotly.NET, whose own HTML would name them by random ids.</summary>
internal static class Chart
{
    public const string Ink = "#1a1a1a", Grid = "#e3e3e3";

    /// <summary>plotly.js from Plotly.NET's package, for one script element: nothing is fetched.</summary>
    public static string Library { get; } = ReadLibrary();

    /// <summary>
    /// The function that <see cref="Html"/> calls. A chart is drawn when the whole page has loaded: before that its place may have another
    /// width. A finger that drags scrolls the page and zooms no chart. On paper a chart is scaled to the width there is, which Plotly
    /// learns too late. Plotly's own buttons can't be reached by keyboard, so each chart has one of the page's.
    /// </summary>
    public const string Draw = """
        const figures = [];
        const draw = (id, figure) => figures.push([id, figure]);
        document.addEventListener("DOMContentLoaded", async () => {
          const dragmode = matchMedia("(pointer: coarse)").matches ? false : "zoom";
          for (const [id, {data, layout}] of figures)
            await Plotly.newPlot(id, data, {...layout, dragmode}, {displayModeBar: false, responsive: true});
          document.body.dataset.drawn = "";
        });
        document.addEventListener("click", event => {
          const button = event.target.closest("button[data-save]");
          if (!button) return;
          const plot = document.getElementById(button.dataset.save), {clientWidth: width, clientHeight: height} = plot;
          const layout = {...plot.layout, paper_bgcolor: "white", width, height};
          Plotly.downloadImage({data: plot.data, layout}, {format: "png", scale: 2, width, height, filename: plot.id});
        });
        addEventListener("beforeprint", () => {
          for (const plot of document.querySelectorAll("div.plot")) {
            const drawn = plot.querySelector(".main-svg");
            if (!drawn) continue;
            const [width, height] = [drawn.getAttribute("width"), drawn.getAttribute("height")];
            plot.style.setProperty("--shape", `${width} / ${height}`);
            for (const svg of plot.querySelectorAll(".main-svg")) svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
          }
        });
        addEventListener("afterprint", () => {
          for (const plot of document.querySelectorAll("div.plot")) plot.style.removeProperty("--shape");
          for (const svg of document.querySelectorAll(".main-svg")) svg.removeAttribute("viewBox");
        });

        """;

    public static Trace Trace(string type, params (string Name, object? Value)[] properties)
    {
        var trace = new Trace(type);
        foreach (var (name, value) in properties) trace.SetProperty(name, value);
        return trace;
    }

    public static Dictionary<string, object?> Map(params (string Name, object? Value)[] properties) =>
        properties.ToDictionary(property => property.Name, property => property.Value, StringComparer.Ordinal);

    public static Dictionary<string, object?> Line(Pen pen, double width = 2) =>
        Map(("color", pen.Colour), ("width", width * pen.Weight), ("dash", pen.Dash));

    /// <summary>An axis in the look that all figures share, with further or overriding properties.</summary>
    public static Dictionary<string, object?> Axis(string title, params (string Name, object? Value)[] more)
    {
        var axis = Map(
            ("title", Map(("text", Label(title)), ("standoff", 8))), ("gridcolor", Grid), ("linecolor", Ink), ("zeroline", false),
            ("showline", true), ("ticks", "outside"), ("tickcolor", Ink), ("automargin", true));
        foreach (var (name, value) in more) axis[name] = value;
        return axis;
    }

    /// <summary>Text as Plotly takes it: it reads some HTML in names and labels, so what isn't meant as such is escaped.</summary>
    public static string Label(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);

    /// <summary>A label in lines of some letters, broken between words; a longer word has a line of its own.</summary>
    public static (string Text, int Lines) Wrapped(string text, int letters)
    {
        List<string> lines = [];
        foreach (var word in text.Split(' '))
        {
            if (lines.Count > 0 && lines[^1].Length + 1 + word.Length <= letters) lines[^1] += $" {word}";
            else lines.Add(word);
        }
        return (string.Join("<br>", lines.Select(Label)), lines.Count);
    }

    /// <param name="id">The element's id, unique in the page.</param>
    /// <param name="description">A description for people who can't see the chart.</param>
    public static string Html(
        string id, string description, int height, IEnumerable<Trace> traces, params (string Name, object? Value)[] properties)
    {
        var layout = new Layout();
        layout.SetProperty("font", Map(("family", "system-ui, sans-serif"), ("size", 13), ("color", Ink)));
        layout.SetProperty("paper_bgcolor", "rgba(0,0,0,0)");
        layout.SetProperty("plot_bgcolor", "rgba(0,0,0,0)");
        layout.SetProperty("margin", Map(("l", 56), ("r", 12), ("t", 32), ("b", 48)));
        layout.SetProperty("modebar", Map(("bgcolor", "rgba(0,0,0,0)"), ("color", "#8a8a8a"), ("activecolor", Ink)));
        layout.SetProperty("hoverlabel", Map(("namelength", -1)));
        foreach (var (name, value) in properties) layout.SetProperty(name, value);

        var chart = GenericChart.NewMultiChart(ListModule.OfSeq(traces), layout, new Config(), new DisplayOptions());
        // "<" occurs in JSON only inside strings, where its escape means the same and can't end the script element.
        var figure = GenericChart.toFigureJson(chart).Replace("<", "\\u003c", StringComparison.Ordinal);
        return $$"""
            <div class="plot" id="{{id}}" role="img" aria-label="{{Markup.Encode(description)}}" style="height:{{height}}px"></div>
            <p class="save"><button type="button" data-save="{{id}}" aria-describedby="{{id}}">Save image</button></p>
            <script>draw("{{id}}", {{figure}});</script>

            """;
    }

    private static string ReadLibrary()
    {
        var assembly = typeof(GenericChart).Assembly;
        var name = assembly.GetManifestResourceNames().Single(resource => resource.EndsWith(".min.js", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
