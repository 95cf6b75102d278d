namespace Host.Tests;

/// <summary>What a process says while it waits for what another one trains.</summary>
public sealed class WaitingTests(Installation installation)
{
    [Fact]
    public async Task It_names_what_it_waits_for()
    {
        using var place = installation.Place();
        const string Long = "run --compare none --steps 20000000 --batch 10 --layers 8,5 --validation 50 --eval-every 100000 "
            + "--density 0.5 --jobs 1";
        var outcome = await place.Sh($$"""
            dotnet "$program" {{Long}} 2>first & one=$!
            until ls results/runs/*/log.txt >/dev/null 2>&1; do sleep 0.05; done
            dotnet "$program" {{Long.Replace("--jobs 1", "--jobs 2", StringComparison.Ordinal)}} 2>second & two=$!
            for i in $(seq 400); do grep -q 'so far' second && break; sleep 0.1; done
            cat second >&2; kill -TERM $one $two; wait $one; wait $two
            """);
        outcome.Refused(143);
        Assert.Matches(@"\n  bayesian · seed 1: another process trains it, for \d+ s so far\n", outcome.Err);
        Assert.DoesNotContain("about  left", outcome.Err, StringComparison.Ordinal);
        Assert.DoesNotContain(",  left", outcome.Err, StringComparison.Ordinal);
    }
}
