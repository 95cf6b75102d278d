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
            + $"<table class=\"{style}\"><caption><span>{Encode(caption)}</span></caption><thead><tr>")
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

    /// <summary>A figure, with how it is computed and its data behind headings.</summary>
    /// <param name="how">Empty where there is nothing to compute.</param>
    /// <param name="tag">The heading's.</param>
    public static string Figure(
        string id, string heading, string caption, string content, string how, string data, string tag = "h2") => $"""
        <figure id="{id}" aria-labelledby="{id}-title">
        <{tag} id="{id}-title">{Encode(heading)}</{tag}>
        {content}
        {(caption.Length == 0 ? "" : $"<figcaption>{Encode(caption)}</figcaption>")}
        {How(how)}{data}
        </figure>

        """;

    /// <summary>What stands under every figure, and under tables that have to be explained.</summary>
    public static string How(string text) => text.Length == 0 ? "" : Details("How it is computed", Note(text));

    /// <summary>A figure that there is nothing to draw for, and why.</summary>
    public static string NoFigure(string id, string heading, string why) => Figure(id, heading, "", Note(why), "", "");

    /// <summary>Sentences, the first of them in view and the others behind a heading where there are many.</summary>
    public static string Findings(IReadOnlyList<string> sentences) => sentences.Count <= FewSentences
        ? List(sentences)
        : List(sentences.Take(FewSentences))
            + Details($"{Text.Count(sentences.Count - FewSentences)} more findings", List(sentences.Skip(FewSentences)));

    public static string Note(string text) => $"<p class=\"note\">{Encode(text)}</p>\n";

    /// <summary>
    /// Sentences as a list. A line never breaks between a number and its per cent sign, behind a sign of comparison, or inside a flag's
    /// dashes.
    /// </summary>
    public static string List(IEnumerable<string> items) => $"<ul>\n{string.Concat(items.Select(item =>
        $"<li>{Flag().Replace(Unbroken(Encode(item)), "<code>$0</code>")}</li>\n"))}</ul>\n";

    private static string Unbroken(string html) => html
        .Replace(" %", "&nbsp;%", StringComparison.Ordinal)
        .Replace(" = ", " =&nbsp;", StringComparison.Ordinal)
        .Replace(" ≤ ", " ≤&nbsp;", StringComparison.Ordinal)
        .Replace(" &lt; ", " &lt;&nbsp;", StringComparison.Ordinal);

    [GeneratedRegex("--[a-z][a-z-]*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Flag();
}
