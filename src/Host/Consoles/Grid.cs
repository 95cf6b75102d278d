using System.Collections.Immutable;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Host.Consoles;

/// <summary>A column of a table of text.</summary>
/// <param name="Title">As the table says it, perhaps on two lines.</param>
/// <param name="Wraps">Whether its cells are words, which may stand on several lines; a number never does.</param>
/// <param name="Rank">A narrow terminal shows the columns of the lowest ranks.</param>
public sealed record GridColumn(string Title, bool IsRight = false, bool Wraps = false, int Rank = 0)
{
    /// <summary>The title on one line: "early stop at".</summary>
    public string Name => Title.Replace("-\n", "", StringComparison.Ordinal).Replace('\n', ' ').Trim();
}

/// <summary>A table whose columns are chosen to fit a width. No word and no number is ever broken.</summary>
/// <param name="isTight">Whether columns stand close together.</param>
public sealed class Grid(IReadOnlyList<GridColumn> columns, IReadOnlyList<string[]> rows, bool isTight = false)
{
    /// <summary>Wide enough for any line.</summary>
    private const int Unbounded = 100_000;

    /// <summary>The table's lines.</summary>
    /// <param name="Lines">With their ends.</param>
    /// <param name="LeftOut">Names of the columns that the width has no room for.</param>
    /// <param name="Fits">Whether no line is longer than the width.</param>
    public sealed record Shown(string Lines, ImmutableArray<string> LeftOut, bool Fits);

    /// <summary>Leaves out the columns of the highest ranks until the others fit; those of rank 0 stay in any case.</summary>
    /// <param name="width">In characters; null for as wide as the cells need.</param>
    public Shown In(int? width, bool isPlain)
    {
        List<int> kept = [.. Enumerable.Range(0, columns.Count)];
        var needs = columns.Select((column, i) => Need(column, i)).ToList();
        if (width is not { } most) return new Shown(Lines(kept, [.. needs.Select(need => need.Whole)], isPlain), [], Fits: true);
        while (true)
        {
            var widths = Share([.. kept.Select(i => needs[i])], most - Chrome(kept, isPlain));
            var next = kept.Where(i => columns[i].Rank > 0).OrderByDescending(i => columns[i].Rank).ThenByDescending(i => i).ToList();
            if (widths is null && next.Count > 0)
            {
                kept.Remove(next[0]);
                continue;
            }
            var left = Enumerable.Range(0, columns.Count).Except(kept).Select(i => columns[i].Name).ToImmutableArray();
            return new Shown(Lines(kept, widths ?? [.. kept.Select(i => needs[i].Least)], isPlain), left, widths is not null);
        }
    }

    /// <summary>
    /// Widths of columns that together have <paramref name="space"/>: each what it needs least, and the rest shared until all have what
    /// they need; null where there isn't even the least.
    /// </summary>
    internal static int[]? Share(IReadOnlyList<(int Whole, int Least)> needs, int space)
    {
        int[] widths = [.. needs.Select(need => need.Least)];
        var spare = space - widths.Sum();
        if (spare < 0) return null;
        while (spare > 0 && widths.Zip(needs).Any(pair => pair.First < pair.Second.Whole))
        {
            for (var i = 0; i < widths.Length && spare > 0; i++)
            {
                if (widths[i] >= needs[i].Whole) continue;
                widths[i]++;
                spare--;
            }
        }
        return widths;
    }

    /// <summary>A text in lines that end between words; longer only where a word is.</summary>
    public static string Wrapped(string text, int width)
    {
        var lines = new List<string> { "" };
        foreach (var word in text.Split(' '))
        {
            if (lines[^1].Length == 0) lines[^1] = word;
            else if (WidthOf(lines[^1]) + 1 + WidthOf(word) <= width) lines[^1] += $" {word}";
            else lines.Add(word);
        }
        return string.Join('\n', lines);
    }

    /// <summary>Cells that text takes on a terminal.</summary>
    private static int WidthOf(string text) => new Segment(text).CellCount();

    private (int Whole, int Least) Need(GridColumn column, int index)
    {
        var lines = rows.Select(row => row[index]).Append(column.Title).SelectMany(text => text.Split('\n')).ToList();
        var whole = Math.Max(1, lines.Max(WidthOf));
        return (whole, column.Wraps ? Math.Max(1, lines.SelectMany(line => line.Split(' ')).Max(WidthOf)) : whole);
    }

    /// <summary>Characters of a line that are in no column.</summary>
    private int Chrome(List<int> kept, bool isPlain)
    {
        var (none, ones) = (new Grid([.. kept.Select(_ => new GridColumn("x"))], [], isTight), kept.Select(_ => 1).ToArray());
        return none.Lines([.. Enumerable.Range(0, kept.Count)], ones, isPlain).Split('\n').Max(WidthOf) - kept.Count;
    }

    private string Lines(List<int> kept, int[] widths, bool isPlain)
    {
        var table = new Table { Border = isPlain ? TableBorder.Ascii2 : TableBorder.Simple };
        foreach (var (i, width) in kept.Zip(widths))
        {
            table.AddColumn(new TableColumn(Markup.Escape(columns[i].Title))
            {
                Alignment = columns[i].IsRight ? Justify.Right : Justify.Left,
                Padding = new Padding(isTight ? 0 : 1, 0, isTight && !isPlain ? 0 : 1, 0),
                Width = width,
            });
        }
        foreach (var row in rows) table.AddRow([.. kept.Select(i => Markup.Escape(row[i]))]);
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(text),
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = Unbounded;
        console.Write(table);
        return text.ToString();
    }
}
