using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Bnn.Core;
using Bnn.Report;
using Bnn.Report.Tests;
using Host.Tests;
using Microsoft.Playwright;

namespace Browser.Tests;

/// <summary>The tests share one browser and one trained study, so they are one collection.</summary>
[CollectionDefinition(Name)]
public sealed class ReportCollection : ICollectionFixture<Reports>
{
    public const string Name = "reports";
}

/// <summary>Debian's Chromium and the reports that it opens, all made once.</summary>
public sealed class Reports(Installation installation) : IAsyncLifetime
{
    /// <summary>Of a study that the built program trained.</summary>
    public const string Study = "study";

    /// <summary>Of more strategies than have a colour of their own: a ranking, and buttons that show and hide lines.</summary>
    public const string Many = "many";

    /// <summary>Of one seed, some of whose trainings are missing.</summary>
    public const string OneSeed = "one-seed";

    /// <summary>Of names that are markup.</summary>
    public const string Hostile = "hostile";

    private const string Executable = "/usr/bin/chromium";

    /// <summary>What markup in names would do if any of it were taken for markup.</summary>
    public static readonly string[] HostileNames = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'`${alert(1)}<b>"];

    private readonly Place _place = installation.Place();
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Executable)) return;
        _files[Study] = await Trained();
        _files[Many] = Rendered(Many, ManyStrategies.Of(missing: (name, _, seed) => name == "s3" && seed == 2));
        var one = Inputs.Seeds(1);
        var gone = one.Finished[^1].Training;
        _files[OneSeed] = Rendered(
            OneSeed, one with { Finished = one.Finished.RemoveAt(one.Finished.Length - 1), Missing = [new(gone, "stopped")] });
        _files[Hostile] = Rendered(Hostile, Named(HostileNames));
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Executable,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        _place.Dispose();
    }

    /// <summary>Opens a report; skips the test where there is no browser.</summary>
    public async Task<Opened> Open(string report, int width = 1280, ColorScheme scheme = ColorScheme.Light, bool isWhole = false)
    {
        NeedsBrowser();
        var page = await _browser.NewPageAsync(new BrowserNewPageOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ColorScheme = scheme,
        });
        var opened = new Opened(page);
        await page.GotoAsync(new Uri(_files[report]).AbsoluteUri);
        await page.Locator("body[data-drawn]").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        if (isWhole) await page.EvaluateAsync("() => document.querySelectorAll('details').forEach(one => one.open = true)");
        return opened;
    }

    [MemberNotNull(nameof(_browser))]
    private void NeedsBrowser()
    {
        Assert.SkipUnless(_browser is not null, $"needs Debian's Chromium as {Executable} (apt-get install chromium)");
    }

    /// <summary>A report as the built program makes it: arms, rounds, controls, early and partial posteriors, and a claim.</summary>
    private async Task<string> Trained()
    {
        var images = new IdxSet(size: 28, classes: 4, train: 300, test: 100);
        images.WriteTo(_place.File("images"), gzip: false);
        await File.WriteAllTextAsync(_place.File("small.toml"), SmallStudy);
        await File.WriteAllTextAsync(
            Path.Combine(Path.GetDirectoryName(installation.Program)!, "claims.toml"), $$"""
            [[source]]
            name = "made-up"
            title = "Nobody 2020"
            data = "{{Convert.ToHexStringLower(SHA256.HashData(images[IdxSet.TrainImages]))[..12]}}"
            layers = "12,8"

            [[claim]]
            source = "made-up"
            says = "Accuracy of the iterative magnitude ticket over the dense net's"
            measure = "test_accuracy_last"
            compared = "difference"
            of = { strategy = "magnitude", pruning = "iterative" }
            against = { kind = "dense" }
            density = 0.41
            direction = "above"
            expected = 0
            tolerance = 1
            """);
        (await _place.Run("study small.toml")).Done();
        return Path.Combine(_place.Results.Experiment("small"), "report.html");
    }

    private const string SmallStudy = """
        question = "Which way to find a ticket is best?"

        [common]
        data = "images"
        compare = "none"
        steps = 60
        batch = 10
        layers = "12,8"
        validation = 50
        eval-every = 10
        lr = 0.01
        seeds = "1..3"
        density = "0.51,0.41"

        [[arm]]
        name = "one-shot"
        strategy = "variance,magnitude,random"
        rounds = "0/4"

        [[arm]]
        name = "iterative"
        strategy = "magnitude"
        rounds = 4

        [[arm]]
        name = "early, or of few images"
        strategy = "variance"
        rounds = "0/4"
        bayesian-at = ["step:30", "final"]
        bayesian-images = ["1", "0.5"]

        [controls]
        kinds = "shuffle-inputs,reinit"
        at = "0.41"

        [[compare]]
        baseline = "magnitude"
        margin = 0.5

        [[compare]]
        baseline = "iterative"
        """;

    private string Rendered(string name, ReportInput input)
    {
        var file = _place.File($"{name}.html");
        File.WriteAllText(file, HtmlReport.Render(input));
        return file;
    }

    /// <summary>A report of strategies, an experiment and missing trainings with such names.</summary>
    private static ReportInput Named(string[] names) => Inputs.Of(
        from seed in (ulong[])[1, 2, 3]
        from finished in (FinishedTraining[])[
            Inputs.Done(Inputs.Bayesian(seed), 0.97 + 0.001 * seed), Inputs.Done(Inputs.Dense(seed), 0.975 + 0.001 * seed),
            .. from name in names.Append("magnitude")
               from density in (decimal[])[0.2m, 0.05m]
               let accuracy = 0.96 + 0.0011 * seed + 0.01 * (double)density
               select Inputs.Done(Inputs.Ticket(name, density, seed), accuracy)]
        select finished,
        [new(Inputs.Ticket(names[0], 0.02m, 1), names[1])], names) with
    { Name = names[0] };
}

/// <summary>A page with what went wrong on it.</summary>
public sealed class Opened : IAsyncDisposable
{
    private readonly List<string> _problems = [];

    public Opened(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") _problems.Add(message.Text);
        };
        page.PageError += (_, error) => _problems.Add(error);
        page.Dialog += async (_, dialog) =>
        {
            _problems.Add($"dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        page.RequestFailed += (_, request) => _problems.Add($"not loaded: {request.Url}");
    }

    public IPage Page { get; }

    /// <summary>Errors and warnings of the console, exceptions, dialogs, and what couldn't be loaded.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Fails with every text that there is.</summary>
    public static void Nothing(IReadOnlyCollection<string> wrong) => Assert.True(wrong.Count == 0, string.Join('\n', wrong));

    /// <summary>Texts that a script gives, one for each thing that is wrong.</summary>
    public Task<string[]> Texts(string script) => Page.EvaluateAsync<string[]>(script);

    public async ValueTask DisposeAsync() => await Page.CloseAsync();
}
