using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text.Json;
using Bnn.Core;
using Bnn.Store;
using Host.Plugins;

namespace Host.Tests;

/// <summary>What the child that scores tells a strategy of the previous round.</summary>
public sealed class PluginKeptTests(Installation installation)
{
    [Fact]
    public async Task A_mask_in_the_request_reaches_the_strategy_and_without_one_all_weights_are_kept()
    {
        byte[] first = [1, 0, 0, 1, 1, 0], second = [0, 1];
        var masked = await Scores([NamedTensor.Of("layer1.kept", [3, 2], first), NamedTensor.Of("layer2.kept", [2, 1], second)]);
        Assert.Equal([[1, 0, 0, 1, 1, 0], [0, 1]], masked);
        Assert.Equal([[1, 1, 1, 1, 1, 1], [1, 1]], await Scores([]));
    }

    /// <summary>Scores of a strategy that repeats the mask, for a network of 3, 2 and 1 units.</summary>
    private async Task<double[][]> Scores(NamedTensor[] tensors)
    {
        using var place = installation.Place();
        var (input, output) = (place.File("input"), place.File("output"));
        await using (var file = File.Create(input)) Safetensors.Write(file, tensors);
        var request = new ScoreRequest(
            Installation.TestPlugin("Rounds"), "Rounds.Strategy", "rounds", Arguments: [], Seed: 1, Sizes: [3, 2, 1], SnapshotSteps: [],
            input, Other: null, output, Scrutiny: false);

        await using var requestPipe = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
        await using var answerPipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        string[] pipes = [requestPipe.GetClientHandleAsString(), answerPipe.GetClientHandleAsString()];
        var start = new ProcessStartInfo("dotnet", [installation.Program, ChildProcess.ScoreCommand, .. pipes]) { UseShellExecute = false };
        using var child = Process.Start(start)!;
        requestPipe.DisposeLocalCopyOfClientHandle();
        answerPipe.DisposeLocalCopyOfClientHandle();
        await using var requests = new StreamWriter(requestPipe) { AutoFlush = true };
        await requests.WriteLineAsync(JsonSerializer.Serialize(request));
        using var answers = new StreamReader(answerPipe);
        Assert.Equal("ready", await answers.ReadLineAsync());
        Assert.Null(WorkerAnswer.Parse((await answers.ReadLineAsync())!).Reason);
        await requests.DisposeAsync();
        await child.WaitForExitAsync();                     // without requests to come, it ends by itself

        var scores = MemoryMarshal.Cast<byte, double>(await File.ReadAllBytesAsync(output)).ToArray();
        return [scores[..6], scores[6..]];
    }
}
