using Host.Consoles;

namespace Host.Tests;

/// <summary>Tables on terminals of any width: no word and no number is broken, and what has no room is named.</summary>
public sealed class GridTests
{
    private static readonly string[][] Rows = [
        ["signal to noise", "97.51 ± 0.12", "−0.12 [−0.34, +0.10]", "13,310", "missing: its results are damaged"],
        ["dense", "97.60 ± 0.10", "", "266,200", ""]];

    private static readonly GridColumn[] Columns = [
        new("strategy", Wraps: true), new("test %\nlast step", IsRight: true, Rank: 1), new("to mag-\nnitude", IsRight: true, Rank: 2),
        new("kept", IsRight: true, Rank: 3), new("wins", Wraps: true)];

    [Fact]
    public void At_any_width_every_word_and_number_is_whole()
    {
        for (var width = 1; width < 140; width++)
        {
            var shown = new Grid(Columns, Rows).In(width, isPlain: true);
            Assert.Equal(shown.Fits, shown.Lines.Split('\n').Max(line => line.Length) <= width);
            for (var i = 0; i < Columns.Length; i++)
            {
                if (shown.LeftOut.Contains(Columns[i].Name)) continue;
                foreach (var cell in Rows.Select(row => row[i]))
                {
                    string[] whole = Columns[i].Wraps ? cell.Split(' ') : [cell];
                    Assert.All(whole, part => Assert.Contains(part, shown.Lines, StringComparison.Ordinal));
                }
            }
        }
    }

    [Fact]
    public void The_highest_ranks_are_left_out_first()
    {
        var before = int.MaxValue;
        for (var width = 1; width < 140; width++)
        {
            var left = new Grid(Columns, Rows).In(width, isPlain: true).LeftOut;
            Assert.True(left.Length <= before);
            Assert.Equal(((string[])["kept", "to magnitude", "test % last step"]).Take(left.Length).Reverse(), left);
            before = left.Length;
        }
        Assert.Equal(0, before);
    }

    [Fact]
    public void Without_a_width_each_row_is_a_line()
    {
        var lines = new Grid(Columns, Rows).In(null, isPlain: true).Lines.Split('\n');
        var row = Assert.Single(lines, line => line.Contains("signal", StringComparison.Ordinal));
        Assert.Contains("missing: its results are damaged", row, StringComparison.Ordinal);
    }

    [Fact]
    public void What_looks_like_markup_is_text() =>
        Assert.Contains("[red]x[/]", new Grid([new("[a]")], [["[red]x[/]"]]).In(null, isPlain: true).Lines, StringComparison.Ordinal);

    [Fact]
    public void Prose_is_broken_between_words()
    {
        const string Text = "variance gives no winning ticket at 10 %; the nearest is −11.73 points to dense";
        for (var width = 1; width < 100; width++)
        {
            var lines = Grid.Wrapped(Text, width).Split('\n');
            Assert.Equal(Text, string.Join(' ', lines));
            Assert.All(lines, line => Assert.True(line.Length <= width || !line.Contains(' ', StringComparison.Ordinal)));
        }
    }
}
