using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Bnn.Report;

/// <summary>Pieces of HTML. Every text goes through <see cref="Encode"/>: strategies' names and descriptions come from plugins.</summary>
internal static partial class Markup
{
    /// <summary>More sentences than a reader takes in at once.</summary>
    private const int FewSentences = 24;

    public static string Encode(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A table that scrolls by itself where the window is narrow; the first cell of a row is its header.</summary>
    public static string Table(string caption, IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows, string style = "")
    {
        var html = new StringBuilder(
            $"<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{Encode(caption)}\">"
            + $"<table class=\"{style}\"><caption>{Encode(caption)}</caption><thead><tr>")
            .AppendJoin("", headers.Select(header => $"<th scope=\"col\">{Encode(header)}</th>"))
            .Append("</tr></thead><tbody>\n");
        foreach (var row in rows)
        {
            html.Append($"<tr><th scope=\"row\">{Encode(row[0])}</th>")
                .AppendJoin("", row.Skip(1).Select(cell => $"<td>{Encode(cell)}</td>"))
                .Append("</tr>\n");
        }
        return html.Append("</tbody></table></div>\n").ToString();
    }

    public static string Details(string summary, string content) => $"<details><summary>{Encode(summary)}</summary>\n{content}</details>\n";

    public static string Figure(string id, string heading, string caption, string content, string data) => $"""
        <figure id="{id}">
        <h2>{Encode(heading)}</h2>
        {content}
        <figcaption>{Encode(caption)}</figcaption>
        {data}
        </figure>

        """;

    /// <summary>Sentences, the first of them in view and the others behind a heading where there are many.</summary>
    public static string Findings(IReadOnlyList<string> sentences) => sentences.Count <= FewSentences
        ? List(sentences)
        : List(sentences.Take(FewSentences))
            + Details($"{Text.Count(sentences.Count - FewSentences)} more findings", List(sentences.Skip(FewSentences)));

    public static string Note(string text) => $"<p class=\"note\">{Encode(text)}</p>\n";

    /// <summary>Sentences as a list. A line never breaks between a number and its per cent sign, or inside a flag's dashes.</summary>
    public static string List(IEnumerable<string> items) => $"<ul>\n{string.Concat(items.Select(item =>
        $"<li>{Flag().Replace(Encode(item).Replace(" %", "&nbsp;%", StringComparison.Ordinal), "<code>$0</code>")}</li>\n"))}</ul>\n";

    [GeneratedRegex("--[a-z][a-z-]*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Flag();
}
