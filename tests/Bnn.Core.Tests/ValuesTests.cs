using System.Collections.Immutable;
using Bnn.Core;
using CsCheck;

namespace Bnn.Tests;

/// <summary>Faults, results, names, and the values that can't exist unless they are valid.</summary>
public sealed class ValuesTests
{
    public static TheoryData<Type> FaultCases => new(typeof(Fault).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(Fault))));

    [Theory, MemberData(nameof(FaultCases))]
    public void Every_fault_describes_itself_with_all_it_knows(Type type)
    {
        Assert.True(type.IsSealed);
        var parameters = type.GetConstructors().Single().GetParameters();
        var values = parameters.Select(parameter => ValueFor(parameter.Name!, parameter.ParameterType)).ToArray();
        var text = ((Fault)Activator.CreateInstance(type, values)!).Describe();
        var parts = values.SelectMany(value =>
            value is ImmutableArray<string> list ? [.. list] : (string[])[FormattableString.Invariant($"{value}")]);
        Assert.All(parts, part => Assert.Contains(part, text, StringComparison.Ordinal));
    }

    private static object ValueFor(string name, Type type) => type switch
    {
        _ when type == typeof(string) => $"<the {name}>",
        _ when type == typeof(int) => 4711,
        _ when type == typeof(long) => 123_456_789_012L,
        _ when type == typeof(double) => 0.15625,
        _ when type == typeof(ImmutableArray<string>) => ImmutableArray.Create("one name", "another"),
        _ => throw new NotSupportedException($"a fault holds a {type}: give this test a value for it"),
    };

    [Theory]
    [InlineData("varience", "variance"), InlineData("snr-db", null), InlineData("magnitud", "magnitude")]
    [InlineData("Magnitude", "magnitude"), InlineData("radnom", "random")]
    [InlineData("movment", "movement"), InlineData("gradient", null), InlineData("", null), InlineData("zzzzzz", null)]
    public void The_nearest_name_is_proposed_if_it_is_a_slip(string found, string? nearest) =>
        Assert.Equal(nearest, Names.Nearest(found, ["variance", "snr", "magnitude", "random", "movement"]));

    [Fact]
    public void Nothing_is_near_where_nothing_is_known() => Assert.Null(Names.Nearest("variance", []));

    [Theory, InlineData("", "abc", 3), InlineData("kitten", "sitting", 3)]
    [InlineData("ab", "ba", 1), InlineData("abcd", "acbd", 1), InlineData("ca", "abc", 3)]
    public void Edit_distances_are_those_of_optimal_string_alignment(string a, string b, int distance) =>
        Assert.Equal(distance, Names.EditDistance(a, b));

    [Fact]
    public void Edit_distance_is_symmetric_and_zero_for_equals_alone() =>
        Gen.Select(Gen.String[Gen.Char['a', 'c'], 0, 6], Gen.String[Gen.Char['a', 'c'], 0, 6]).Sample((a, b) =>
    {
        Assert.Equal(Names.EditDistance(a, b), Names.EditDistance(b, a));
        Assert.Equal(string.Equals(a, b, StringComparison.Ordinal), Names.EditDistance(a, b) == 0);
        Assert.InRange(Names.EditDistance(a, b), Math.Abs(a.Length - b.Length), Math.Max(a.Length, b.Length));
    });

    private static readonly Gen<Result<int>> Results = Gen.Select(
        Gen.Int[-100, 100], Gen.Bool, (value, ok) => ok ? (Result<int>)value : Odd(value));

    private static Fault Odd(int value) => new Fault.BadRequest($"{value} is odd", "make it even");

    private static Result<int> Half(int value) => value % 2 == 0 ? value / 2 : Odd(value);

    private static Result<int> Less(int value) => value > 0 ? value - 1 : Odd(value);

    [Fact]
    public void Results_are_a_monad() => Results.Select(Gen.Int).Sample((result, value) =>
    {
        Assert.Equal(Shown(Half(value)), Shown(((Result<int>)value).Bind(Half)));
        Assert.Equal(Shown(result), Shown(result.Bind(v => (Result<int>)v)));
        Assert.Equal(Shown(result.Bind(Half).Bind(Less)), Shown(result.Bind(v => Half(v).Bind(Less))));
        Assert.Equal(Shown(result.Bind(v => (Result<int>)(v + 1))), Shown(result.Map(v => v + 1)));
    });

    [Fact]
    public void ValueOr_adds_the_faults_or_gives_the_value() => Results.Sample(result =>
    {
        var faults = new List<Fault> { Odd(1) };
        var value = result.ValueOr(faults);
        Assert.Equal(result.Match(ok => (ok, 1), failed => (0, 1 + failed.Length)), (value, faults.Count));
    });

    private static string Shown(Result<int> result) =>
        result.Match(value => $"ok {value}", faults => string.Join(';', faults.Select(fault => fault.Describe())));

    [Theory, InlineData("0.1", "0.1", 0.9), InlineData("1", "1", 0), InlineData("1.000", "1", 0)]
    [InlineData("2e-2", "0.02", 0.98), InlineData("0.0500", "0.05", 0.95)]
    public void A_density_is_exact_in_decimal(string text, string shown, double sparsity)
    {
        var density = Assert.IsType<Result<Density>.Ok>(Density.Parse(text)).Value;
        Assert.Equal((shown, sparsity), (density.ToString(), (double)density.Sparsity));
        Assert.Equal(1m, density.Value + density.Sparsity);
    }

    [Fact]
    public void The_default_density_is_dense() =>
        Assert.Equal((1m, 0m, "1"), (default(Density).Value, Density.Dense.Sparsity, default(Density).ToString()));

    [Theory, InlineData("0"), InlineData("-0.5"), InlineData("1.0000001")]
    [InlineData("NaN"), InlineData("1e-40"), InlineData("ten"), InlineData("")]
    public void A_density_outside_its_range_is_refused(string text) => Assert.IsType<Result<Density>.Failed>(Density.Parse(text));

    [Theory, InlineData("0", 0), InlineData("18446744073709551615", ulong.MaxValue)]
    public void A_seed_is_any_64_bit_number(string text, ulong value) => Assert.Equal((Result<Seed>)new Seed(value), Seed.Parse(text));

    [Fact]
    public void Architectures_are_equal_by_their_sizes()
    {
        Assert.Equal(new Architecture([4, 3, 2]), new Architecture([4, 3, 2]));
        Assert.Equal(new Architecture([4, 3, 2]).GetHashCode(), new Architecture([4, 3, 2]).GetHashCode());
        Assert.NotEqual(new Architecture([4, 3, 2]), new Architecture([4, 2, 3]));
        Assert.Equal(18, new Architecture([4, 3, 2]).Weights);
        Assert.Throws<ArgumentException>(() => new Architecture([4]));
        Assert.Throws<ArgumentException>(() => new Architecture([4, 0, 2]));
    }

    [Fact]
    public void A_fault_s_words_move_no_cursor_and_keep_their_lines()
    {
        var text = new Fault.Disk("a\u001b[31m\r\u009b\u2028b", "is full", "one\n\ttwo").Describe();
        Assert.Equal("a?[31m???b: is full; one\n\ttwo", text);
        Assert.Equal("one??two", Printable.Line("one\n\ttwo"));
    }

    [Fact]
    public void Masked_weights_are_plus_zero_and_biases_stay()
    {
        var shape = new LayerShape(1, 3);
        var weights = new PointWeights([new LayerWeights(shape, [-1, -2, -3], [4, 5, 6])]);
        var masked = weights.Masked(new Mask([new LayerMask(shape, [0, 1, 0])])).Layers[0];
        Assert.Equal([0, BitConverter.SingleToInt32Bits(-2), 0], masked.Weight.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal([4f, 5f, 6f], masked.Bias);
    }

    [Fact]
    public void A_posteriors_means_are_an_ordinary_nets_weights()
    {
        var layer = Initialisation.Posterior(new Seed(1), new Architecture([2, 2])).Layers[0];
        var means = new PosteriorSnapshot([layer]).Means().Layers[0];
        Assert.Equal((layer.Mu, layer.Bias), (means.Weight, means.Bias));
    }
}
