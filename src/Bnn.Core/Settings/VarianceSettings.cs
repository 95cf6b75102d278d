using System.Collections.Immutable;

namespace Bnn.Core;

/// <summary>The settings of a study of gradients' variance, beside those of its training.</summary>
public static class VarianceSettings
{
    public static Setting<ImmutableArray<int>> Batches { get; } = new()
    {
        Name = "batches",
        ValueName = "LIST",
        Help = "Sizes of the batches whose gradients are compared, comma-separated.",
        Part = SettingPart.Plan,
        Default = "1,2,4,8,16,32,64,128,256,512,1024,2048,4096,8192",
        Parse = (text, context) => Parse
            .List(text, item => Parse.Whole(1, GradientDraw.MostBatch, "for example 1,10,100,1000")(item, context))
            .Bind<ImmutableArray<int>>(sizes => sizes.GroupBy(size => size).FirstOrDefault(size => size.Count() > 1) is { } twice
                ? new Fault.BadSetting("", text, "sizes that differ", $"leave one {SettingText.Whole(twice.Key)} out")
                : sizes.Order().ToImmutableArray()),
        Write = sizes => SettingText.List(sizes, SettingText.Whole),
    };

    public static Setting<int> Repeats { get; } = new()
    {
        Name = "repeats",
        ValueName = "N",
        Help = "Batches of each size.",
        Part = SettingPart.Plan,
        Default = "50",
        // Two have no error: both are as far from their mean.
        Parse = Parse.Whole(3, GradientDraw.MostRepeats, "for example 50"),
        Write = SettingText.Whole,
    };

    public static ImmutableArray<Setting> Table { get; } = [Batches, Repeats];

    public static bool Has(string name) => Table.Any(setting => setting.Name == name);
}
