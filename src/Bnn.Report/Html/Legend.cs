using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Bnn.Report;

/// <summary>
/// The legend of many strategies, in HTML: families side by side, with a button for each strategy that shows or hides it in all panels of
/// the figure. Plotly's own legend takes room inside the chart, and would switch either a whole family or only one of a strategy's traces.
/// </summary>
internal static class Legend
{
    /// <summary>
    /// Finds traces by their legendgroup. Where an axis has a fixed range, extends it down to the end of every line shown.
    /// </summary>
    public const string Script = """
        const show = (figure, chosen) => {
          const shown = new Map([...figure.querySelectorAll("button[data-strategy]")].map(button => {
            button.setAttribute("aria-pressed", String(chosen(button)));
            return [button.dataset.strategy, chosen(button)];
          }));
          for (const plot of figure.querySelectorAll("div.plot")) {
            const of = plot.data.map(trace => shown.get(trace.legendgroup));
            const visible = of.map(is => is === false ? "legendonly" : true);
            const axis = plot.layout.yaxis, first = plot.bottom ??= axis.range[0];
            const ends = plot.data
              .filter((trace, i) => visible[i] === true && trace.meta === "curve")
              .map(trace => trace.y[trace.y.length - 1] - 0.5);
            Plotly.update(plot, {visible}, ends.length ? {"yaxis.range[0]": Math.max(0, Math.min(first, ...ends))} : {});
          }
        };
        document.addEventListener("click", event => {
          const button = event.target.closest(".families button");
          if (!button) return;
          const figure = button.closest("figure"), pressed = other => other.getAttribute("aria-pressed") === "true";
          const buttons = [...figure.querySelectorAll("button[data-strategy]")];
          const states = new Map(buttons.map(other => [other, pressed(other) !== (other === button)]));
          show(figure, other => button.dataset.show === "all"
            || (button.dataset.show === "first" ? other.dataset.first === "true" : states.get(other)));
        });

        """;

    /// <summary>Outlines of Plotly's markers around 0, 0.</summary>
    private static readonly FrozenDictionary<string, string> Outlines = new Dictionary<string, string>
    {
        ["circle"] = "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z",
        ["square"] = "M-4,-4h8v8h-8z",
        ["diamond"] = "M0,-5L5,0L0,5L-5,0z",
        ["triangle-up"] = "M0,-5L5,4H-5z",
        ["triangle-down"] = "M0,5L5,-4H-5z",
        ["x"] = "M-5,-3L-3,-5L0,-2L3,-5L5,-3L2,0L5,3L3,5L0,2L-3,5L-5,3L-2,0z",
        ["cross"] = "M-1.5,-5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5z",
        ["star"] = "M0,-5.5L1.3,-1.8L5.2,-1.7L2.1,0.7L3.2,4.4L0,2.2L-3.2,4.4L-2.1,0.7L-5.2,-1.7L-1.3,-1.8z",
        ["pentagon"] = "M0,-5L4.8,-1.5L2.9,4H-2.9L-4.8,-1.5z",
        ["hexagram"] = "M0,-5.5L1.6,-2.75H4.8L3.2,0L4.8,2.75H1.6L0,5.5L-1.6,2.75H-4.8L-3.2,0L-4.8,-2.75H-1.6z",
        ["hourglass"] = "M-4,-5H4L-4,5H4z",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <param name="drawable">Strategies that have something to draw.</param>
    /// <param name="markers">Whether the figure has markers: they are shown with the lines.</param>
    public static string Html(
        Summary summary, IReadOnlyCollection<string> drawable, ImmutableHashSet<string> shown, bool dense, bool markers)
    {
        var families = summary.Arms.Select(arm => arm.Name).Where(drawable.Contains).GroupBy(summary.FamilyOf).Select(family =>
        {
            var buttons = family.Select(strategy => Button(summary, strategy, shown.Contains(strategy), markers));
            return $"<fieldset><legend>{Markup.Encode(family.Key)}</legend>\n{string.Concat(buttons)}</fieldset>\n";
        });
        var line = dense ? $"<span>{Swatch(Palette.Dense, false)} dense</span> " : "";
        var few = shown.Count == drawable.Count ? "" : """<button type="button" data-show="first">As at first</button>""";
        return $"""
            <div class="legend families" role="group" aria-label="Strategies drawn">
            <p>{line}<button type="button" data-show="all">Show all</button> {few}</p>
            {string.Concat(families)}</div>

            """;
    }

    /// <summary>A line as it is drawn.</summary>
    public static string Swatch(Pen pen, bool marker)
    {
        var (colour, dashes) = (pen.Colour, DashArray(pen.Dash));
        return marker
            ? """<svg width="34" height="12" viewBox="-17 -6 34 12" aria-hidden="true">"""
                + $"""<line x1="-17" x2="17" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>"""
                + $"""<path d="{Outlines[pen.Symbol]}" fill="{colour}"/></svg>"""
            : """<svg width="28" height="8" aria-hidden="true">"""
                + $"""<line x1="0" y1="4" x2="28" y2="4" stroke="{colour}" stroke-width="3" stroke-dasharray="{dashes}"/></svg>""";
    }

    private static string Button(Summary summary, string strategy, bool shown, bool markers)
    {
        var (label, state) = (Markup.Encode(Chart.Label(strategy)), shown ? "true" : "false");
        var name = Selection.IsEmphasised(summary, strategy) ? $"<strong>{Markup.Encode(strategy)}</strong>" : Markup.Encode(strategy);
        return $"""<button type="button" data-strategy="{label}" data-first="{state}" aria-pressed="{state}">"""
            + $"{Swatch(Palette.Of(summary, strategy), markers)} {name}</button>\n";
    }

    private static string DashArray(string dash) => dash switch
    {
        "dash" => "8 4",
        "dot" => "3 3",
        "dashdot" => "8 3 3 3",
        "longdash" => "14 4",
        "longdashdot" => "13 3 3 3",
        _ => "none",
    };
}
