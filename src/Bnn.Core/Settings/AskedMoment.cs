using System.Globalization;

namespace Bnn.Core;

/// <summary>
/// The moment of a Bayesian training that masks are found at, as it was asked for: its end, a step, or a number of epochs, which become
/// steps once the number of images is known.
/// </summary>
public readonly record struct AskedMoment
{
    private const string End = "final", StepPrefix = "step:";

    private readonly decimal? _epochs;
    private readonly int? _step;

    private AskedMoment(decimal? epochs, int? step) => (_epochs, _step) = (epochs, step);

    public static AskedMoment Final => default;

    /// <summary>"0.5" epochs, "step:500", or "final".</summary>
    public static Result<AskedMoment> Parse(string text)
    {
        if (text == End) return Final;
        if (text.StartsWith(StepPrefix, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(StepPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            && step is >= 1 and <= TrainingSettings.MostSteps)
            return new AskedMoment(null, step);
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var epochs)
            && epochs is > 0 and < 1e9m
            ? new AskedMoment(epochs, null)
            : new Fault.BadSetting("", text.Length == 0 ? "nothing" : text, "epochs above 0, step:N, or final") { Example = "0.5" };
    }

    /// <summary>
    /// Updates done at the moment; null at the end. Epochs become steps by <see cref="Epochs.ToSteps"/>, whose fault is given.
    /// </summary>
    /// <param name="images">Number of images that train.</param>
    public Result<int?> StepOf(int images, int batch) => _epochs is { } epochs
        ? Epochs.ToSteps(epochs, images, batch).Map<int?>(step => step)
        : new Result<int?>.Ok(_step);

    public override string ToString() => (_epochs, _step) switch
    {
        ({ } epochs, _) => epochs.ToString(CultureInfo.InvariantCulture),
        (_, { } step) => $"{StepPrefix}{SettingText.Whole(step)}",
        _ => End,
    };
}
