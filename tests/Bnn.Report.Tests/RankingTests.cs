namespace Bnn.Report.Tests;

public sealed class RankingTests
{
    [Fact]
    public void Each_cut_has_its_ranking_best_first()
    {
        var summary = Summary.From(ManyStrategies.Of());
        Assert.Equal(summary.Cuts, summary.Rankings.Select(ranking => ranking.Cut));
        foreach (var ranking in summary.Rankings)
        {
            Assert.Equal(Enumerable.Range(1, 30), ranking.Tickets.Select(ticket => ticket.Rank));
            Assert.Equal(["magnitude", "snr", "variance", "s25"], ranking.Tickets.Take(4).Select(ticket => ticket.Group.Name));
            Assert.Equal("random", ranking.Tickets[^1].Group.Name);
            Assert.Empty(ranking.Missing);
        }
    }

    [Fact]
    public void Equal_means_share_a_rank_in_plan_order_and_the_next_counts_them()
    {
        // Means of 0.97, 0.98, 0.99 in another order differ by rounding at most.
        double[][] accuracies = [[0.95, 0.95, 0.95], [0.97, 0.98, 0.99], [0.99, 0.98, 0.97], [0.99, 0.99, 0.99]];
        var summary = Summary.From(Inputs.Of(
            from strategy in Enumerable.Range(0, 4)
            from seed in Enumerable.Range(0, 3)
            select Inputs.Done(Inputs.Ticket($"s{strategy}", 0.1m, (ulong)seed), accuracies[strategy][seed])));
        Assert.Equal(
            [("s3", "1"), ("s1", "2="), ("s2", "2="), ("s0", "4")],
            Assert.Single(summary.Rankings).Tickets.Select(ticket => (ticket.Group.Name, ticket.RankText)));
    }

    [Fact]
    public void Missing_tickets_have_no_rank_and_a_missing_seed_leaves_one()
    {
        var summary = Summary.From(ManyStrategies.Of(missing: (name, density, seed) =>
            (name is "s3" or "s4" && density == 0.1m) || (name == "snr" && seed == 2)));
        var ten = summary.Rankings[1];
        Assert.Equal(["s3", "s4"], ten.Missing.Select(group => group.Name));
        Assert.Equal(28, ten.Tickets.Length);
        Assert.Equal(2, ten.Tickets.Single(ticket => ticket.Group.Name == "snr").Group.N);
        Assert.Null(summary.RankOf(ten.Missing[0]));
        Assert.Null(summary.RankOf(summary.Dense!));
        Assert.Same(ten.Tickets[5], summary.RankOf(ten.Tickets[5].Group));
    }

    [Fact]
    public void Many_strategies_stand_in_the_table_by_rank_cut_by_cut_with_nothing_lost()
    {
        var summary = Summary.From(ManyStrategies.Of(missing: (name, density, _) => name == "magnitude" && density == 0.2m));
        Assert.Equal(["bayesian", "dense", "snr at 20 %", "variance at 20 %"], summary.TableOrder.Take(4).Select(group => group.Label));
        Assert.Equal(
            ["random at 20 %", "magnitude at 20 %", "magnitude at 10 %", "snr at 10 %"],
            summary.TableOrder.Skip(2 + 28).Take(4).Select(group => group.Label));
        Assert.Equal(summary.Groups.Select(group => group.Label).Order(), summary.TableOrder.Select(group => group.Label).Order());
    }

    [Theory]
    [InlineData(6, false)]
    [InlineData(7, true)]
    public void Up_to_six_strategies_keep_the_plans_order(int strategies, bool many)
    {
        var summary = Summary.From(ManyStrategies.Of([.. ManyStrategies.Names.Take(strategies)]));
        Assert.Equal(many, summary.HasMany);
        Assert.Equal(!many, summary.TableOrder.SequenceEqual(summary.Groups));
    }

    [Fact]
    public void Standings_go_by_mean_rank_and_put_incomplete_ones_last()
    {
        var input = ManyStrategies.Of(missing: (name, density, _) => name == "s0" || (name == "magnitude" && density == 0.2m));
        var standings = Summary.From(input).Standings;
        Assert.Equal(["snr", "variance"], standings.Take(2).Select(standing => standing.Arm));
        Assert.Equal((1 + 2 + 2) / 3.0, standings[0].MeanRank!.Value, 12);
        Assert.Equal([new Standing("magnitude", 2, 1), new Standing("s0", 0, null)], standings.TakeLast(2));
        Assert.Equal(30, standings.Length);
    }

    [Fact]
    public void Thresholds_are_ranked_too()
    {
        var summary = Summary.From(ManyStrategies.AtThreshold());
        Assert.Equal(["threshold 0.5", "threshold 0.25"], summary.Rankings.Select(ranking => ranking.Cut.Label()));
        Assert.All(summary.Rankings, ranking => Assert.Equal("magnitude", ranking.Tickets[0].Group.Name));
        Assert.Equal(61, summary.TableOrder.Length);
    }

    [Fact]
    public void A_strategy_without_a_heading_is_among_the_others()
    {
        var summary = Summary.From(ManyStrategies.Of());
        Assert.Equal("control", summary.FamilyOf("random"));
        Assert.Equal("other", summary.FamilyOf("unknown"));
    }
}
