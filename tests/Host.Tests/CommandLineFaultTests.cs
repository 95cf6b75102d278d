namespace Host.Tests;

/// <summary>What can be wrong with a command line: reported before anything is trained, with what would be right.</summary>
public sealed class CommandLineFaultTests(Installation installation)
{
    /// <summary>What follows <c>run</c>, and parts of the message: what, where, expected, found, fix.</summary>
    public static TheoryData<string, string[]> Settings => new()
    {
        { "--stratgy variance", ["unknown flag '--stratgy'", "did you mean '--strategy'"] },
        { "--strategy", ["--strategy", "host run --help"] },
        { "--density 0.5 --seed", ["--seed", "host run --help"] },
        { "--strategy variance --strategy snr", ["--strategy", "host run --help"] },
        { "--steps 60 --steps 70", ["--steps", "host run --help"] },
        { "stray", ["'stray' is not expected here", "host run --help"] },
        { "--strategy varience", ["unknown strategy 'varience'", "did you mean 'variance'", "mean-magnitude"] },
        { "--strategy variance,sn", ["unknown strategy 'sn'", "did you mean 'snr'"] },
        { "--compare magnitud", ["unknown strategy 'magnitud'", "did you mean 'magnitude'"] },
        { "--strategy zzzzzzzzzz", ["unknown strategy 'zzzzzzzzzz'", "Known: early-snr, "] },
        { "--strategy ,", ["--strategy", "an empty list", "host strategies"] },
        { "--density 0", ["--density", "above 0 and at most 1", "found 0;", "for example"] },
        { "--density 1.5", ["--density", "above 0 and at most 1", "found 1.5;", "for example"] },
        { "--density NaN", ["--density", "above 0 and at most 1", "found NaN;", "for example"] },
        { "--density -0.1", ["--density", "above 0 and at most 1", "found -0.1;"] },
        { "--density 0.5,x", ["--density", "found x;"] },
        { "--layers 0", ["--layers", "a whole number from 1 to 65536", "found 0;"] },
        { "--layers 8,-1", ["--layers", "found -1;"] },
        { "--layers 8.5", ["--layers", "found 8.5;"] },
        { "--layers 60000,60000 --validation 50", ["--layers", "weights", "36-60000-60000-3", "smaller"] },
        { "--lr -0.1", ["--lr", "a number above 0", "found -0.1;", "for example --lr 0.0012"] },
        { "--lr 0", ["--lr", "a number above 0", "found 0;"] },
        { "--lr NaN", ["--lr", "a number above 0", "found NaN;"] },
        { "--lr Infinity", ["--lr", "a number above 0", "found Infinity;"] },
        { "--lr 1e-60", ["--lr", "single precision", "found 1e-60;"] },
        { "--seed x", ["--seed", "a whole number", "found x;", "for example --seed 1"] },
        { "--seed -1", ["--seed", "a whole number", "found -1;"] },
        { "--seed 18446744073709551616", ["--seed", "18446744073709551615", "found 18446744073709551616;"] },
        { "--seeds 3..1", ["--seeds", "a range first..last", "found 3..1;", "for example --seeds 1..3"] },
        { "--seeds 1..", ["--seeds", "a whole number", "found nothing;"] },
        { "--seed 1 --seeds 1..3", ["--seed and --seeds", "give one of them"] },
        { "--validation 300", ["--validation", "fewer than the 300 training images", "found 300;", "--validation 0"] },
        { "--layers 60000,60000 --validation 300", ["--validation", "fewer than the 300", "--layers", "36-60000-60000-3"] },
        { "--validation -1", ["--validation", "0 or more", "found -1;"] },
        { "--steps 0", ["--steps", "a whole number from 1", "found 0;"] },
        { "--steps 1e3", ["--steps", "a whole number from 1", "found 1e3;"] },
        { "--bayesian-steps 0", ["--bayesian-steps", "found 0;"] },
        { "--batch 0", ["--batch", "found 0;"] },
        { "--eval-every 0", ["--eval-every", "found 0;"] },
        { "--kl-weight -1", ["--kl-weight", "0 or more", "found -1;"] },
        { "--kl-weight NaN", ["--kl-weight", "found NaN;"] },
        { "--prior-scale 0", ["--prior-scale", "above 0", "found 0;"] },
        { "--optimizer adamm", ["unknown value of --optimizer 'adamm'", "did you mean 'adam'"] },
        { "--scope papier", ["unknown value of --scope 'papier'", "did you mean 'paper'"] },
        { "--threshold 0.1 --density 0.5", ["--density and --threshold", "give one of them"] },
        { "--threshold 0.1 --scope global", ["--scope", "--threshold", "leave --scope out"] },
        { "--threshold 0.1 --strategy variance,snr", ["--threshold", "2 are asked for", "give one --strategy"] },
        { "--threshold NaN", ["--threshold", "a finite number", "found NaN;"] },
        { "--jobs 0", ["--jobs", "a whole number from 1", "found 0;", "leave it out"] },
        { "--jobs many", ["--jobs", "found many;"] },
        { "--name ../x", ["--name", "a plain folder name", "found ../x;", "for example"] },
        { "--name .hidden", ["--name", "found .hidden;"] },
        { "--name a/b", ["--name", "found a/b;"] },
    };

    [Theory, MemberData(nameof(Settings))]
    public async Task A_bad_setting_is_told_and_nothing_is_trained(string flags, string[] parts)
    {
        using var place = installation.Place();
        (await place.Run($"run {flags}")).Refused(2, parts);
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Theory]
    [InlineData("rnu", "unknown command 'rnu'", "did you mean 'run'")]
    [InlineData(
        "frobnicate", "unknown command 'frobnicate'",
        "Known: run, study, work, status, report, compare, claims, ls, show, table, export, clean, verify, strategies, engines, data, "
            + "doctor")]
    [InlineData("--strategy variance", "unknown flag '--strategy'", "host")]
    [InlineData("data --dta x", "unknown flag '--dta'", "did you mean '--data'")]
    [InlineData("strategies stray", "unknown strategy 'stray'", "Known: ")]
    [InlineData("doctor --data", "--data", "host doctor --help")]
    [InlineData("report", "no experiment is given", "host report results/experiments/NAME")]
    [InlineData("report nowhere", "an experiment's folder with a plan.json", "nowhere")]
    public async Task A_bad_command_is_told(string line, params string[] parts)
    {
        using var place = installation.Place();
        (await place.Run(line)).Refused(2, parts);
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Theory, InlineData("--density"), InlineData("--seed"), InlineData("--seeds"), InlineData("--steps")]
    [InlineData("--strategy"), InlineData("--lr"), InlineData("--name"), InlineData("--jobs"), InlineData("--output")]
    public async Task An_empty_value_is_told(string flag)
    {
        using var place = installation.Place();
        (await place.Run("run", flag, "")).Refused(2, flag);
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task All_faults_are_shown_together()
    {
        using var place = installation.Place();
        var outcome = (await place.Run("run --density 1.5 --layers 0 --optimizer adamm --seed x")).Refused(
            2, "found 1.5", "--layers", "did you mean 'adam'", "found x");
        Assert.Equal(4, outcome.Faults.Length);
        Assert.Empty(Folders.Files(place.Folder));
    }

    [Fact]
    public async Task Unknown_flags_and_bad_values_are_shown_together()
    {
        using var place = installation.Place();
        var outcome = (await place.Run("run --stps 5 --strategy varience --jobs 0 --name ../x")).Refused(
            2, "did you mean '--steps'", "did you mean 'variance'", "--jobs", "--name");
        Assert.Equal(4, outcome.Faults.Length);
    }

    [Fact]
    public async Task A_name_that_holds_another_plan_is_not_taken()
    {
        using var place = installation.Place();
        (await place.Run($"run --name mine {Place.Small} --density 0.5 --compare none")).Done();
        var before = Folders.Files(place.Results.Root);
        (await place.Run($"run --name mine {Place.Small} --density 0.4 --compare none")).Refused(
            2, "--name", "found mine", "holds another plan", "--density 0.5", "give another name");
        Folders.Same(before, Folders.Files(place.Results.Root));
    }
}
