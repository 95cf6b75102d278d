namespace Bnn.Report.Tests;

/// <summary>How numbers are written.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData(0, "0"), InlineData(999_999, "999,999"), InlineData(1e6, "1.00·10⁶"), InlineData(2.028e12, "2.03·10¹²")]
    [InlineData(9.999e11, "1.00·10¹²")]
    public void Many_operations_are_a_power_of_ten(double value, string text) => Assert.Equal(text, Text.Operations(value));

    [Theory]
    [InlineData(0.0004, "< 0.001"), InlineData(0.012, "0.012"), InlineData(0.47, "0.47"), InlineData(0.04996, "0.04996")]
    public void A_cell_has_a_p_value_without_an_equals_sign(double p, string text) => Assert.Equal(text, Text.PCell(p));

    [Theory]
    [InlineData(1, "one seed"), InlineData(12, "12 seeds"), InlineData(4898, "4,898 seeds")]
    public void Seeds_are_counted(int seeds, string text) => Assert.Equal(text, Text.Seeds(seeds));
}
