using System.Collections.Immutable;
using Bnn.Core;

namespace Bnn.Store.Tests;

public sealed class ResultFileTests
{
    private static readonly Provenance Here = new(
        DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(2), 5000, "machine", "host 0.1.0", ".NET 10", "simd", null);

    [Fact]
    public void A_record_reads_back_to_the_same_bits()
    {
        var record = Record((Measures.EarlyStopStep, 300), (Measures.TestAccuracyEarlyStop, 0.1 + 0.2), (Measures.TestNllEarlyStop, 5e-324),
            (Measures.TestAccuracyLast, 1.0 / 3), (Measures.TestNllLast, 0.25));
        var read = ResultFile.Parse("result.json", ResultFile.Write(record, Here)).OrThrow();
        Assert.Equal((record.Key, 3, 4, 5, 6), (read.Key, read.Kept[0], read.Kept[1], read.Total[0], read.Total[1]));
        Assert.All(Measures.All, measure => Assert.Equal(record[measure], read[measure]));
    }

    [Fact]
    public void What_a_training_has_no_value_of_stays_without_one()
    {
        var text = ResultFile.Write(Record((Measures.TestAccuracyLast, 0.5), (Measures.TestNllLast, 1)), Here);
        Assert.Contains("\"early_stop_step\": null", text, StringComparison.Ordinal);
        Assert.Null(ResultFile.Parse("result.json", text).OrThrow().EarlyStopStep);
    }

    [Theory]
    [InlineData(""), InlineData("{"), InlineData("[]"), InlineData("{}"), InlineData("null")]
    [InlineData("{\"key\": \"a\", \"kept\": [1], \"total\": [1]}")]
    [InlineData("{\"key\": \"a\", \"kept\": 1, \"total\": [1], \"test_accuracy_last\": 1}")]
    [InlineData("{\"key\": \"a\", \"kept\": [1], \"total\": [1], \"test_accuracy_last\": \"high\"}")]
    [InlineData("{\"key\": 1, \"kept\": [1], \"total\": [1], \"test_accuracy_last\": 1}")]
    [InlineData("{\"key\": \"a\", \"kept\": [null], \"total\": [1], \"test_accuracy_last\": 1}")]
    public void What_is_no_result_is_a_fault_that_names_the_file(string text)
    {
        var fault = Assert.Single(Assert.IsType<Result<TrainingRecord>.Failed>(ResultFile.Parse("result.json", text)).Faults);
        Assert.Equal("result.json", Assert.IsType<Fault.DamagedStore>(fault).Path);
    }

    private static TrainingRecord Record(params (Measure Measure, double Value)[] values) => new(
        new TrainingKey("0123456789ab"), [3, 4], [5, 6], values.ToImmutableDictionary(pair => pair.Measure.Name, pair => pair.Value));
}
