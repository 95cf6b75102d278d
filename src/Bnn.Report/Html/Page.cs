using System.Text;

namespace Bnn.Report;

/// <summary>A part of a page that its contents list.</summary>
/// <param name="Html">With an element that has the id; empty where there is nothing to show.</param>
internal sealed record PagePart(string Id, string Title, string Html);

/// <summary>A page of parts with figures, as one file that opens without a network.</summary>
internal static class Page
{
    private const string Policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:";

    /// <param name="script">What figures need beside <see cref="Chart.Draw"/>.</param>
    /// <param name="parts">Those without content are left out.</param>
    public static string Html(string title, string subtitle, string script, IEnumerable<PagePart> parts)
    {
        List<PagePart> shown = [.. parts.Where(part => part.Html.Length > 0)];
        return new StringBuilder($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="{Policy}">
            <title>{Markup.Encode(title)}</title>
            <style>
            {Style.Css}</style>
            <script>
            """)
            .Append(Chart.Library)
            .Append($"""
            </script>
            <script>
            {Chart.Draw}{script}</script>
            </head>
            <body>
            <header>
            <h1>{Markup.Encode(title)}</h1>
            <p>{Markup.Encode(subtitle)}</p>
            </header>
            {Contents(shown)}<main>

            """)
            .AppendJoin("", shown.Select(part => part.Html))
            .Append("</main>\n</body>\n</html>\n")
            .ToString();
    }

    public static string Section(string id, string title, string content) =>
        $"<section id=\"{id}\">\n<h2>{Markup.Encode(title)}</h2>\n{content}</section>\n";

    private static string Contents(IEnumerable<PagePart> parts) => $"""
        <nav aria-label="Contents">
        <ul>
        {string.Join('\n', parts.Select(part => $"<li><a href=\"#{part.Id}\">{Markup.Encode(part.Title)}</a></li>"))}
        </ul>
        </nav>

        """;
}
