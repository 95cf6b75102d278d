using System.Text.Json;
using Bnn.Core;

namespace Bnn.Report.Tests;

public sealed class FilesTests
{
    /// <summary>What comes behind all other columns.</summary>
    internal const string LastColumns =
        ",rounds,round,start,rewind,kept_rule,pruned_rule,bayesian_images,bayesian_at,bayesian_noise,control,test_accuracy_untrained,"
        + "validation_accuracy_last_fifth,steps_to_97,steps_to_97_5,steps_to_98,test_brier_last,test_ece_last,test_entropy_last,"
        + "test_nll_sampled,test_mutual_information,finding_steps,"
        + "finding_multiply_adds,auroc_entropy,auroc_mutual_information,variance_with_activity,second_data";

    [Fact]
    public void Csv_has_a_row_for_each_finished_training_in_order()
    {
        var dense = Inputs.Done(Inputs.Dense(7), 0.98, null);
        var ticket = Inputs.Done(Inputs.Ticket("variance", 0.05m, 7), 0.1 + 0.2);
        Assert.Equal(
            "seed,kind,strategy,scope,target_density,density,kept,total,early_stop_step,test_accuracy_early_stop,test_nll_early_stop,"
            + $"test_accuracy_last,test_nll_last,run{LastColumns}\n"
            + $"7,dense,,,,1,1000,1000,,,,0.98,0.125,{dense.Record.Key},,,posterior,,,,,,,,,,,,,,,,,,,,,,,\n"
            + $"7,ticket,variance,paper,0.05,0.05,50,1000,200,0.30100000000000005,0.1,0.30000000000000004,0.125,{ticket.Record.Key}"
            + ",0,,posterior,0,rewind,zero,,,,,,,,,,,,,,,,,,,,\n",
            TableFiles.Csv(Inputs.Of([dense, ticket])));
    }

    [Fact]
    public void What_rows_differ_in_besides_is_a_column_behind_the_others()
    {
        FinishedTraining Prior(string scale, ulong seed) => Inputs.Done(Inputs.Bayesian(seed).With("prior-scale", scale), 0.9);
        var csv = TableFiles.Csv(Inputs.Of([
            Inputs.Done(Inputs.Dense(1), 0.9), Prior("1", 1), Prior("0.5", 1), Inputs.Done(Inputs.AtThreshold("variance", 0.25, 1), 0.9)]));
        var lines = csv.TrimEnd('\n').Split('\n');
        Assert.EndsWith($",run,threshold,prior_scale{LastColumns}", lines[0], StringComparison.Ordinal);
        Assert.Equal(
            [",", ",1", ",0.5", "0.25,"],
            lines.Skip(1).Select(line => string.Join(',', line.Split(',')[^28..^26])));
    }

    [Fact]
    public void Csv_quotes_what_would_break_a_row() =>
        Assert.Contains(
            "1,ticket,\"a,\"\"b\"\"\nc\",paper,",
            TableFiles.Csv(Inputs.Of([Inputs.Done(Inputs.Ticket("a,\"b\"\nc", 0.05m, 1), 0.9)])));

    [Fact]
    public void Json_holds_the_same_as_csv()
    {
        var input = Inputs.Seeds(2, stop: null);
        var lines = TableFiles.Csv(input).TrimEnd('\n').Split('\n');
        using var json = JsonDocument.Parse(TableFiles.Json(input));
        Assert.Equal(lines.Length - 1, json.RootElement.GetArrayLength());
        foreach (var (row, line) in json.RootElement.EnumerateArray().Zip(lines.Skip(1)))
        {
            Assert.Equal(lines[0].Split(','), row.EnumerateObject().Select(property => property.Name));
            Assert.Equal(line.Split(','), row.EnumerateObject().Select(property => property.Value.ValueKind switch
            {
                JsonValueKind.Null => "",
                JsonValueKind.String => property.Value.GetString()!,
                _ => property.Value.GetRawText(),
            }));
        }
        Assert.DoesNotContain('\r', TableFiles.Json(input));
    }

    [Fact]
    public void Files_and_report_do_not_depend_on_the_culture()
    {
        var input = Inputs.Seeds(3);
        string[] All() => [.. Exports.All.Select(export => export.Write(input)), string.Join('\n', Findings.Of(Summary.From(input)))];
        var expected = All();
        Assert.Equal(expected, Cultures.WithDecimalComma(All));
    }
}
