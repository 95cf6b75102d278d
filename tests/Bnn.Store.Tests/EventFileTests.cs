using System.Text;
using Bnn.Core;
using Bnn.Tests;
using CsCheck;

namespace Bnn.Store.Tests;

/// <summary>Event files hold a training's curves, in records whose checksums are right.</summary>
public sealed class EventFileTests
{
    private static readonly MetricsRow[] Rows = [
        new(0, null, null, null, 2.5, 0.1), new(100, 3.25, 2, 1234.5, 1.5, 0.75), new(30000, 0.5, 0.25, null, null, null)];

    /// <summary>The vectors of RFC 3720, B.4, and the usual check value; the reader that the other tests use computes bit by bit.</summary>
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8A9136AAu)]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 0x62A8AB43u)]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0x46DD794Eu)]
    [InlineData("1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100", 0x113FDB5Cu)]
    [InlineData("313233343536373839", 0xE3069283u), InlineData("", 0u)]
    public void The_reader_s_checksum_is_CRC_32C(string content, uint expected) =>
        Assert.Equal(expected, Events.Crc32C(Convert.FromHexString(content)));

    /// <summary>TensorFlow's own files begin with these bytes: a first event of 24 bytes.</summary>
    [Fact]
    public void A_file_begins_as_TensorFlow_s_do()
    {
        var file = Written(Rows);
        Assert.Equal("1800000000000000a37f4b22", Convert.ToHexStringLower(file.AsSpan(0, 12)));
        Assert.Equal("brain.Event:2", Encoding.ASCII.GetString(file, 12 + 11, 13));
    }

    [Fact]
    public void Each_row_is_an_event_with_what_the_row_has()
    {
        var events = Events.Read(Written(Rows));
        Assert.Equal((0, 0, "brain.Event:2"), (events[0].Time, events[0].Step, events[0].Version));
        Assert.Empty(events[0].Scalars);
        Assert.Equal([0, 100, 30000], events.Skip(1).Select(item => item.Step));
        Assert.Equal([0.0, 100, 30000], events.Skip(1).Select(item => item.Time));
        Assert.Equal(new Dictionary<string, float> { ["validation/nll"] = 2.5f, ["validation/accuracy"] = 0.1f }, events[1].Scalars);
        Assert.Equal(
            new Dictionary<string, float>
            {
                ["train/loss"] = 3.25f,
                ["train/nll"] = 2,
                ["train/kl"] = 1234.5f,
                ["validation/nll"] = 1.5f,
                ["validation/accuracy"] = 0.75f,
            },
            events[2].Scalars);
        Assert.Equal(new Dictionary<string, float> { ["train/loss"] = 0.5f, ["train/nll"] = 0.25f }, events[3].Scalars);
    }

    [Fact]
    public void Any_curve_reads_back_in_single_precision() =>
        Gen.Select(Gen.Int[1, int.MaxValue / 16], Gen.Double[-1e30, 1e30], Gen.Double[0, 1]).Array[0, 15].Sample(points =>
        {
            var step = 0;
            MetricsRow[] rows =
                [.. points.Select(point => new MetricsRow(step += point.Item1, point.Item2, null, null, null, point.Item3))];
            var events = Events.Read(Written(rows));
            return events.Count == rows.Length + 1 && events.Skip(1).Zip(rows).All(pair =>
                pair.First.Step == pair.Second.Step
                && pair.First.Scalars["train/loss"] == (float)pair.Second.TrainLoss!.Value
                && pair.First.Scalars["validation/accuracy"] == (float)pair.Second.ValidationAccuracy!.Value);
        });

    [Fact]
    public void TensorBoard_reads_the_same()
    {
        Python.Needs("tensorboard");
        var folder = Directory.CreateTempSubdirectory("events-test-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, EventFile.Name), Written(Rows));
            var lines = Python.Says(
                """
                import sys
                from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
                events = EventAccumulator(sys.argv[1])
                events.Reload()
                for tag in sorted(events.Tags()["scalars"]):
                    print(tag, *[f"{scalar.step}:{scalar.value}" for scalar in events.Scalars(tag)])
                """, folder).TrimEnd().Split('\n');
            string[] expected = [
                "train/kl 100:1234.5", "train/loss 100:3.25 30000:0.5", "train/nll 100:2.0 30000:0.25",
                "validation/accuracy 0:0.10000000149011612 100:0.75", "validation/nll 0:2.5 100:1.5"];
            Assert.Equal(expected, lines);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] Written(MetricsRow[] rows)
    {
        using var stream = new MemoryStream();
        EventFile.Write(stream, rows);
        return stream.ToArray();
    }
}
