namespace Host.Tests;

/// <summary>A decimal comma is never taken for a list in silence: what it would mean is said, with what to write instead.</summary>
public sealed class DecimalCommaTests(Installation installation)
{
    public static TheoryData<string, string> Lines => new()
    {
        { "--threshold 0,05", "found 0,05; it would be read as 2 thresholds, 0 and 05: write 0.05" },
        { "--threshold -1,5,0,25", "-1 and 5 and 0 and 25: write -1.5,0.25 if that is meant, or -1.0,5.0,0.0,25.0" },
        { "--threshold 1,5", "write 1.5 if that is meant, or 1.0,5.0" },
        { "--density 0,05", "found 0,05; for example --density 0.05" },
        { "--density 0,1,0,05", "for example --density 0.1,0.05" },
        { "--lr 0,01", "expected a number with a decimal point, found 0,01; for example --lr 0.01" },
        { "--kl-weight 0,5", "for example --kl-weight 0.5" },
        { "--prior-scale 1,5", "for example --prior-scale 1.5" },
        { "--strategy snr,snr-power:alpha=0,5,random", "found snr-power:alpha=0,5; write snr-power:alpha=0.5" },
        { "--compare snr-power:alpha=0,5", "found snr-power:alpha=0,5; write snr-power:alpha=0.5" },
        { "--seeds 1.5", "--seeds: expected a whole number" },
        { "--steps 1,000", "--steps: expected a whole number" },
    };

    [Theory, MemberData(nameof(Lines))]
    public async Task It_is_refused_with_what_to_write(string flags, string says)
    {
        using var place = installation.Place();
        var outcome = (await place.Run($"run {flags}")).Refused(2, says);
        Assert.Single(outcome.Faults);
    }

    [Theory]
    [InlineData("--threshold 0.05", "threshold = 0.05")]
    [InlineData("--threshold 1.0,5.0", "threshold = 1.0,5.0")]
    [InlineData("--threshold 0,0.05", "threshold = 0,0.05")]
    [InlineData("--threshold 3", "threshold = 3")]
    [InlineData("--seeds 1,5", "seeds = 1,5")]
    [InlineData("--strategy snr-power:alpha=0.5,snr", "strategy = snr-power:alpha=0.5,snr")]
    public async Task What_has_points_is_taken(string flags, string shown)
    {
        using var place = installation.Place();
        var outcome = (await place.Run($"run {flags} {Place.Small} --print-config")).Done();
        Assert.Contains(shown, outcome.Out.Split('\n').Select(line => line.Trim()));
    }
}
