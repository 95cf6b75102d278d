using System.Globalization;
using System.Reflection;
using Bnn.Contract;
using Bnn.Core;

namespace Bnn.Tests;

/// <summary>What the listings say of the strategies.</summary>
public sealed class LiteratureAttributeTests
{
    public static TheoryData<string> Names => Strategies.Names;

    [Fact]
    public void Every_class_that_scores_has_an_attribute_and_names_are_unique()
    {
        var scoring = typeof(MaskStrategies.Variance).Assembly.GetTypes()
            .Where(type => type.IsAssignableTo(typeof(IMaskStrategy)) || type.IsAssignableTo(typeof(INetworkMaskStrategy)))
            .Where(type => !type.IsAbstract)
            .ToArray();
        var names = scoring.Select(type => type.GetCustomAttribute<MaskStrategyAttribute>()?.Name).OfType<string>();
        Assert.Equal(scoring.Length, names.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(scoring.Length, Strategies.All.Count());
    }

    [Theory, MemberData(nameof(Names))]
    public void A_strategy_says_what_it_is(string name)
    {
        var attribute = Strategies.Attribute(name);
        Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", attribute.Name);
        Assert.Contains(attribute.Group, (string[])["bayesian", "magnitude", "gradient", "control"]);
        string[] texts = [attribute.Description, attribute.Formula, attribute.Reference];
        Assert.All(texts, text => Assert.False(string.IsNullOrWhiteSpace(text)));
        Assert.Contains(attribute.Keep, (Keep[])[Keep.Highest, Keep.Lowest]);
    }

    [Theory, MemberData(nameof(Names))]
    public void A_parameter_starts_at_its_default_and_the_default_is_allowed(string name)
    {
        var strategy = Strategies.Make(name);
        foreach (var property in strategy.GetType().GetProperties())
        {
            var parameter = property.GetCustomAttribute<StrategyParameterAttribute>();
            Assert.NotNull(parameter);
            Assert.True(property.DeclaringType == strategy.GetType(), "the host reads a class's own properties only");
            Assert.Equal(parameter.Default, Convert.ToString(property.GetValue(strategy), CultureInfo.InvariantCulture));
            if (property.PropertyType != typeof(string))
                Assert.InRange(double.Parse(parameter.Default, CultureInfo.InvariantCulture), parameter.Least, parameter.Most);
            else
                Assert.True(parameter.IsStrategy && Strategies.Attribute(parameter.Default).Name == parameter.Default);
        }
    }
}
