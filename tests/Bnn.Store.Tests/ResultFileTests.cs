using System.Collections.Immutable;
using System.Text;
using Bnn.Core;

namespace Bnn.Store.Tests;

public sealed class ResultFileTests
{
    private static readonly Provenance Here = new(
        DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(2), 5000, "machine", "host 0.1.0", ".NET 10", "simd", null);

    private static readonly ImmutableSortedDictionary<string, FileHash> Files = ImmutableSortedDictionary<string, FileHash>.Empty
        .Add("metrics.csv", new FileHash(7, new string('a', Seal.Digits)));

    private static readonly ImmutableArray<ScoredFile> Sources =
        [new("0123456789ab", "posterior.safetensors", new string('b', Seal.Digits))];

    [Fact]
    public void A_record_reads_back_to_the_same_bits()
    {
        var record = Record((Measures.EarlyStopStep, 300), (Measures.TestAccuracyEarlyStop, 0.1 + 0.2), (Measures.TestNllEarlyStop, 5e-324),
            (Measures.TestAccuracyLast, 1.0 / 3), (Measures.TestNllLast, 0.25));
        var read = ResultFile.Parse("result.json", Encoding.UTF8.GetBytes(ResultFile.Write(record, Here, Files, Sources))).OrThrow().Record;
        Assert.Equal((record.Key, 3, 4, 5, 6), (read.Key, read.Kept[0], read.Kept[1], read.Total[0], read.Total[1]));
        Assert.All(Measures.All, measure => Assert.Equal(record[measure], read[measure]));
    }

    [Fact]
    public void What_a_training_has_no_value_of_stays_without_one()
    {
        var text = ResultFile.Write(Record((Measures.TestAccuracyLast, 0.5), (Measures.TestNllLast, 1)), Here, Files, Sources);
        Assert.Contains("\"early_stop_step\": null", text, StringComparison.Ordinal);
        Assert.Null(ResultFile.Parse("result.json", Encoding.UTF8.GetBytes(text)).OrThrow().Record.EarlyStopStep);
    }

    [Fact]
    public void It_holds_what_files_and_sources_are_known_by()
    {
        var read = Read(Sealed());
        Assert.Equal(Files, read.Files);
        Assert.Equal(Sources, read.ScoredFrom);
    }

    [Fact]
    public void It_says_when_and_by_what_and_another_version_s_words_are_none()
    {
        Assert.Equal((Here, 2), (Read(Sealed()).Provenance, Here.Seconds));
        var foreign = Sealed().Replace("\"machine\": ", "\"computer\": ", StringComparison.Ordinal);
        var place = foreign.LastIndexOf("\"sha256\": \"", StringComparison.Ordinal) + "\"sha256\": \"".Length;
        foreign = Seal.Close(foreign[..place] + Seal.Open + foreign[(place + Seal.Digits)..]);
        Assert.Null(Read(foreign).Provenance);
    }

    [Fact]
    public void Any_changed_byte_breaks_its_seal()
    {
        var content = Encoding.UTF8.GetBytes(Sealed());
        for (var i = 0; i < content.Length; i++)
        {
            content[i] ^= 1;
            Assert.IsType<Result<StoredResult>.Failed>(ResultFile.Parse("result.json", content));
            content[i] ^= 1;
        }
        Assert.IsType<Result<StoredResult>.Failed>(ResultFile.Parse("result.json", content[..^1]));
        Assert.IsType<Result<StoredResult>.Failed>(ResultFile.Parse("result.json", [.. content, (byte)'\n']));
        Assert.IsType<Result<StoredResult>.Ok>(ResultFile.Parse("result.json", content));
    }

    [Fact]
    public void A_result_of_an_earlier_version_is_read_and_can_t_be_verified()
    {
        const string Old = "{\"key\": \"a\", \"kept\": [1], \"total\": [2], \"test_accuracy_last\": 0.5}";
        Assert.False(Read(Old).IsVerifiable);
    }

    [Theory]
    [InlineData("\"kept\": [3]"), InlineData("\"kept\": [-1]"), InlineData("\"kept\": [1, 1]"), InlineData("\"total\": [0]")]
    [InlineData("\"test_accuracy_last\": 7"), InlineData("\"test_accuracy_last\": -0.1"), InlineData("\"test_accuracy_last\": 1e999")]
    [InlineData("\"test_nll_last\": -1"), InlineData("\"test_nll_last\": 1e999"), InlineData("\"early_stop_step\": 0.5")]
    [InlineData("\"early_stop_step\": -1"), InlineData("\"kept\": [1], \"kept\": [1]")]
    public void Numbers_that_no_training_has_are_a_fault_without_hashes_too(string field)
    {
        var name = field.Split(':')[0];
        string[] usual = ["\"key\": \"a\"", "\"kept\": [1]", "\"total\": [2]", "\"test_accuracy_last\": 0.5"];
        var text = $"{{{string.Join(", ", usual.Where(other => !other.StartsWith(name, StringComparison.Ordinal)).Append(field))}}}";
        Assert.IsType<Result<StoredResult>.Failed>(ResultFile.Parse("result.json", Encoding.UTF8.GetBytes(text)));
    }

    private static string Sealed() =>
        ResultFile.Write(Record((Measures.TestAccuracyLast, 0.5), (Measures.TestNllLast, 1)), Here, Files, Sources);

    private static StoredResult Read(string text) => ResultFile.Parse("result.json", Encoding.UTF8.GetBytes(text)).OrThrow();

    [Theory]
    [InlineData(""), InlineData("{"), InlineData("[]"), InlineData("{}"), InlineData("null")]
    [InlineData("{\"key\": \"a\", \"kept\": [1], \"total\": [1]}")]
    [InlineData("{\"key\": \"a\", \"kept\": 1, \"total\": [1], \"test_accuracy_last\": 1}")]
    [InlineData("{\"key\": \"a\", \"kept\": [1], \"total\": [1], \"test_accuracy_last\": \"high\"}")]
    [InlineData("{\"key\": 1, \"kept\": [1], \"total\": [1], \"test_accuracy_last\": 1}")]
    [InlineData("{\"key\": \"a\", \"kept\": [null], \"total\": [1], \"test_accuracy_last\": 1}")]
    public void What_is_no_result_is_a_fault_that_names_the_file(string text)
    {
        var failed = Assert.IsType<Result<StoredResult>.Failed>(ResultFile.Parse("result.json", Encoding.UTF8.GetBytes(text)));
        var fault = Assert.Single(failed.Faults);
        Assert.Equal("result.json", Assert.IsType<Fault.DamagedStore>(fault).Path);
    }

    private static TrainingRecord Record(params (Measure Measure, double Value)[] values) => new(
        new TrainingKey("0123456789ab"), [3, 4], [5, 6], values.ToImmutableDictionary(pair => pair.Measure.Name, pair => pair.Value));
}
