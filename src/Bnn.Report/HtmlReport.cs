using Bnn.Core;

namespace Bnn.Report;

/// <summary>The report as one HTML file that opens without a network. Equal input gives equal bytes: no dates, no random ids.</summary>
public static class HtmlReport
{
    public static string Render(ReportInput input)
    {
        var summary = Summary.From(input);
        var title = $"{input.Name}: winning tickets?";
        List<PagePart> parts = [
            new("findings", "Findings", Page.Section("findings", "Findings", Markup.Findings(Findings.Of(summary)))),
            new("ranking", "Ranking", RankingTable.Html(summary)),
            new("figure-1", "Accuracy against density", AccuracyFigure.Html(summary)),
            new("comparisons", "Comparisons", ComparisonFigure.Html(summary)),
            new(EarlyStopFigure.Id, EarlyStopFigure.Title, EarlyStopFigure.Html(summary)),
            new("figure-2", "Accuracy during training", CurveFigure.Html(summary)),
            new(ControlFigure.Id, ControlFigure.Title, ControlFigure.Html(summary)),
            new("figure-3", "Distribution of σ", SigmaFigure.Html(input, summary)),
            .. DiagnosticParts.Of(input, summary).Select(part => new PagePart(part.Id, part.Title, part.Html)),
            new(CalibrationFigure.Id, CalibrationFigure.Title, CalibrationFigure.Html(summary)),
            new(PrunedPosteriorFigure.Id, PrunedPosteriorFigure.Title, PrunedPosteriorFigure.Html(summary)),
            new(FindingCosts.Id, FindingCosts.Title, FindingCosts.Html(summary)),
            new("claims", "Claims", ClaimSection.Html(input)),
            new("table", "Results", Page.Section("table", "Results", ResultTable.Html(summary))),
            new("settings", "Settings", Settings(input)),
            new("how-to-read", "How to read this", HowToRead())];
        return Page.Html(title, Subtitle(input, summary), summary.HasMany ? Legend.Script : "", parts);
    }

    private static string Subtitle(ReportInput input, Summary summary)
    {
        var net = input.Experiment.Net;
        var controls = summary.Arms.Count(arm => summary.IsControl(arm.Name));
        var compared = summary.Arms.Where(arm => !summary.IsAsked(arm.Name) && !summary.IsControl(arm.Name))
            .Select(arm => arm.Name).ToList();
        var nets = input.Experiment.Trainings.Select(training => training.Cell[TrainingSettings.Layers.Name])
            .Distinct()
            .OfType<string>()
            .ToList();
        var network = nets.Count > 1 ? $"Networks {Text.List(nets)}" : $"Network {net}, {Text.Count(net.Weights)} weights";
        var masks = $"Masks by {Named([.. summary.Asked.Select(arm => arm.Name)])}";
        List<string> references = [
            .. compared.Count == 0 ? (string[])[] : [Named(compared)],
            .. controls == 0 ? (string[])[] : [controls == 1 ? "one control" : $"{Text.Count(controls)} controls"]];
        var against = references.Count == 0 ? "" : $", compared with {string.Join(" and with ", references)}";
        var seeds = summary.Seeds.Length == 1
            ? $"One seed: {summary.Seeds[0]}"
            : $"{Text.Seeds(summary.Seeds.Length)}: {Text.List(summary.Seeds.Select(seed => seed.ToString()))}";
        return $"{network}. {masks}{against}. {seeds}.";
    }

    private static string Named(IReadOnlyCollection<string> strategies) =>
        strategies.Count > Summary.FewArms ? $"{Text.Count(strategies.Count)} strategies" : Text.List(strategies);

    private static string Settings(ReportInput input)
    {
        var experiment = input.Experiment;
        return $"""
            <section id="settings">
            <h2>Settings</h2>
            <h3>Command that repeats it</h3>
            <pre><code>{Markup.Encode(experiment.Command)}</code></pre>
            <p class="note">Where results go, their name, and how many trainings run at a time change no number and are no part of it.</p>
            <h3>Every setting</h3>
            {Markup.Table(
                "Settings, defaults included", ["setting", "value"],
                [.. experiment.Settings.Select(setting => (string[])[setting.Name, setting.Value]), ["plan", experiment.PlanKey.Value]],
                "texts settings")}
            <h3>Data</h3>
            {Markup.Table(
                "SHA-256 of the unpacked files", ["file", "SHA-256"],
                [
                    ["training images", experiment.Data.TrainImages], ["training labels", experiment.Data.TrainLabels],
                    ["test images", experiment.Data.TestImages], ["test labels", experiment.Data.TestLabels],
                ], "texts hashes")}
            <h3>Strategies</h3>
            {Strategies(experiment)}
            </section>

            """;
    }

    private static string Strategies(ExperimentRecord experiment)
    {
        var arguments = experiment.Strategies.Any(info => info.Arguments.Length > 0);
        return Markup.Table(
            "What each mask strategy computes and where it came from",
            [
                "strategy", "criterion", "formula", "reference", .. arguments ? (string[])["arguments"] : [],
                "keeps the", "group", "role", "plugin", "version", "SHA-256 of the plugin",
            ],
            experiment.Strategies.Select(info => (string[])[
                info.Label, info.Description, info.Formula, info.Reference,
                .. arguments ? (string[])[string.Join(", ", info.Arguments.Select(argument => $"{argument.Name}={argument.Value}"))] : [],
                info.Keep == Keep.Highest ? "highest" : "lowest", info.Group, Role(experiment.Roles, info.Label),
                info.Plugin, info.PluginVersion, info.PluginSha256]),
            experiment.Strategies.Length > Summary.FewArms ? "texts hashes strategies long" : "texts hashes strategies");
    }

    private static string Role(Roles roles, string strategy) => Text.List([
        .. roles.Asked.Contains(strategy) ? (string[])["asked for"] : [],
        .. roles.Baselines.Contains(strategy) ? (string[])["baseline"] : [],
        .. roles.Controls.Contains(strategy) ? (string[])["control"] : []]);

    private static string HowToRead()
    {
        var margin = Text.Size(Verdict.Margin);
        return $"""
            <section id="how-to-read">
            <h2>How to read this</h2>
            <dl>
            <dt>Ticket</dt>
            <dd>The ordinary net with a mask: pruned weights are zero from the first step on, kept weights start where the dense net's and
            the Bayesian net's means start. A training of the same seed sees the same batches.</dd>
            <dt>Winning ticket</dt>
            <dd>With one seed: it stops early no later than the dense net and its test accuracy after the last step is no lower. With
            several: the lower end of the 95 % interval of its difference to the dense net is not below −{margin} points, and where several
            tickets are judged that is more than chance after Holm’s correction over all of them. “Does not win” can
            mean a loss that is shown or an interval too wide to rule one out; the reasons are listed with the results.</dd>
            <dt>Can’t be judged</dt>
            <dd>The dense net is no better than always answering the commonest class (of n test images, k right: P(K ≥ k) above 0.1 % for K
            of the binomial distribution with that class’s share); or the mask leaves no path from inputs to outputs; or its criterion was
            made of a net at chance; or one seed still improved at its last step; or all differences are the same, so that their interval
            has width 0. Tickets at chance have no rank and aren’t compared with each other.</dd>
            <dt>Early stop</dt>
            <dd>The evaluated step with the lowest loss on the validation images. The test images choose nothing: they are read once per
            training, for the record.</dd>
            <dt>Worse, better, equivalent, undecided</dt>
            <dd>Of two tickets at equal sparsity: worse or better if the paired t test has p below 0.05 after Holm’s correction over all
            comparisons with that baseline; equivalent if two one-sided t tests rule out a difference as large as the margin; undecided if
            neither holds, which doesn’t say that they are equal.</dd>
            <dt>Paired 95 % interval</dt>
            <dd>Differences are taken seed by seed and only over seeds that have both nets; the interval is Student’s: mean ± t·s/√n with
            n − 1 degrees of freedom. If it holds 0, these seeds show no difference; that doesn’t prove there is none. Each interval stands
            for itself: among twenty comparisons of equal nets about one would leave out 0 by chance.</dd>
            <dt>Points</dt>
            <dd>Percentage points of test accuracy. NLL is the mean negative log-likelihood, in nats.</dd>
            </dl>
            </section>

            """;
    }
}
