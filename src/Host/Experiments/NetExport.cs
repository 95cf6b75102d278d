using System.Collections.Immutable;
using System.Globalization;
using Bnn.Core;
using Bnn.Store;
using Stored = Bnn.Store.Tensors;

namespace Host.Experiments;

/// <summary>Gathers what other programs get of a finished training, from its folder alone.</summary>
public static class NetExport
{
    /// <summary>The moment at which a net is exported unless another is asked for.</summary>
    public const string Final = "final";

    private const string EarlyStop = "early-stop", Initial = "initial";

    /// <summary>The moments at which a net can be exported.</summary>
    public static ImmutableArray<string> Moments { get; } = [Final, EarlyStop, Initial];

    /// <summary>The tensors of weights.safetensors or posterior.safetensors, under their names and in their order.</summary>
    public static Result<ImmutableArray<NamedTensor>> Tensors(TrainingFolder folder) => Config(folder).Bind(config =>
        folder.ReadNet(config.Kind).Bind(net => config.Kind.IsBayesian()
            ? folder.ReadPosterior(net).Bind(posterior => MaskOf(folder, config.Kind, net).Map<ImmutableArray<NamedTensor>>(mask => [
                .. mask is null ? [] : Stored.Of(mask),
                .. Stored.Of(Moment.Initial, posterior.Initial), .. Stored.Of(Moment.Final, posterior.Final)]))
            : folder.ReadWeights(net).Map<ImmutableArray<NamedTensor>>(weights => [
                .. Stored.Of(weights.Mask), .. Stored.Of(Moment.Initial, weights.Initial),
                .. weights.EarlyStop is { } earlyStop ? Stored.OfEarlyStop(earlyStop) : [],
                .. Stored.Of(Moment.Final, weights.Final)])));

    /// <summary>
    /// The net at one of the <see cref="Moments"/>: an ordinary net's weights, or a Bayesian net's means, with which it is evaluated.
    /// </summary>
    public static Result<PortableNet> Net(TrainingFolder folder, string moment) => Config(folder).Bind(config =>
        folder.ReadNet(config.Kind).Bind(net =>
            Weights(folder, config.Kind, net, moment).Bind(weights =>
                MaskOf(folder, config.Kind, net).Bind(mask =>
                    folder.ReadResult().Map(stored => new PortableNet(weights, mask, Notes(config, stored.Record, moment)))))));

    /// <summary>A folder's name for a training's curves: what it is called, its seed, and its key, which no other training has.</summary>
    public static string CurvesFolder(PlannedTraining training)
    {
        const int Longest = 60;
        var words = training.Cell.Label.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '=' ? letter : ' ');
        var label = string.Join('-', string.Concat(words).Split(' ', StringSplitOptions.RemoveEmptyEntries)).Trim('.', '-');
        return $"{(label.Length > Longest ? label[..Longest] : label)}-seed{training.Seed}-{training.Key}".TrimStart('-');
    }

    private static Result<StoredConfig> Config(TrainingFolder folder) =>
        folder.ReadConfig().Bind(text => StoredConfig.Parse(folder.Config, text));

    private static Result<Mask?> MaskOf(TrainingFolder folder, TrainingKind kind, Architecture net) =>
        kind is TrainingKind.Ticket or TrainingKind.MaskedBayesian
            ? folder.ReadMask(kind, net).Map<Mask?>(mask => mask)
            : new Result<Mask?>.Ok(null);

    private static Result<PointWeights> Weights(TrainingFolder folder, TrainingKind kind, Architecture net, string moment)
    {
        if (kind.IsBayesian())
        {
            return moment == EarlyStop
                ? NotKept("of Bayesian nets the start and the end are kept")
                : folder.ReadPosterior(net).Map(posterior => (moment == Initial ? posterior.Initial : posterior.Final).Means());
        }
        return folder.ReadWeights(net).Bind<PointWeights>(weights => moment switch
        {
            Initial => weights.Initial,
            EarlyStop => weights.EarlyStop is { } earlyStop ? earlyStop : NotKept("without validation images there is no early stop"),
            _ => weights.Final,
        });

        Fault.BadSetting NotKept(string why) => new(
            MomentSetting, moment, $"{Final} or {Initial} for {folder.Key}", $"{why}; leave it out for {Final}");
    }

    /// <summary>The setting that says which moment, in faults.</summary>
    public const string MomentSetting = "moment";

    private static ImmutableArray<NamedValue> Notes(StoredConfig config, TrainingRecord record, string moment) => [
        new("key", record.Key.Value),
        new("kind", config.Kind.Name()),
        .. config.Strategy is { } strategy ? (NamedValue[])[new("strategy", strategy)] : [],
        new("density", record.KeptShare.ToString("R", CultureInfo.InvariantCulture)),
        new("seed", config.Seed.ToString()),
        new("moment", moment),
        new("weights", config.Kind.IsBayesian() ? "means of the posterior" : "weights"),
        new("pixels", "pixel/255")];
}
