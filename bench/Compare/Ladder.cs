using Bnn.Simd;

namespace Compare;

/// <summary>
/// The ladder of the lottery-ticket paper: a training at each density 0.8^k, k = 0 … 20. A few thousand steps of each are timed and the
/// whole is estimated from them. All densities take turns, so that changes in the machine's speed affect all of them.
/// </summary>
internal static class Ladder
{
    private const int Rungs = 21, Blocks = 10, StepsPerBlock = 200, EvaluationsPerBlock = 2;

    /// <summary>The paper's training of this net: this many steps, with an evaluation before the first and after every hundredth.</summary>
    private const int Steps = 50_000, Evaluations = Steps / 100 + 1;

    public static void Run(Subject subject)
    {
        var engine = new SimdEngine();
        var rungs = Enumerable.Range(0, Rungs).Select(k => new Rung(k, new EngineContender("simd", engine, subject))).ToList();
        foreach (var rung in rungs) rung.Begin();
        for (var block = 0; block < Blocks; block++)
            foreach (var rung in rungs) rung.RunBlock();

        Table.Write($"{"",13}{"a step",-18} {$"{Steps:#,0} steps",-20}   {"an evaluation",-20} {Evaluations} evaluations");
        var stepHead = $"{"min ms",8} {"median",8} {"s (min)",9} {"s (median)",10}";
        var evaluationHead = $"{"min ms",10} {"median",9} {"s (min)",9} {"s (median)",10}";
        Table.Write($"{"k",2} {"density %",9} {stepHead}   {evaluationHead}");
        var total = (Min: 0.0, Median: 0.0, EvaluationMin: 0.0, EvaluationMedian: 0.0);
        foreach (var rung in rungs)
        {
            var (step, evaluation) = (new Timing(rung.StepMs), new Timing(rung.EvaluationMs));
            var seconds = (Min: Seconds(step.Min, Steps), Median: Seconds(step.Median, Steps),
                EvaluationMin: Seconds(evaluation.Min, Evaluations), EvaluationMedian: Seconds(evaluation.Median, Evaluations));
            total = (total.Min + seconds.Min, total.Median + seconds.Median,
                total.EvaluationMin + seconds.EvaluationMin, total.EvaluationMedian + seconds.EvaluationMedian);
            var ofSteps = FormattableString.Invariant(
                $"{step.Min,8:0.000} {step.Median,8:0.000} {seconds.Min,9:0.0} {seconds.Median,10:0.0}");
            var ofEvaluations = FormattableString.Invariant(
                $"{evaluation.Min,10:0.000} {evaluation.Median,9:0.000} {seconds.EvaluationMin,9:0.0} {seconds.EvaluationMedian,10:0.0}");
            Table.Write($"{rung.K,2} {rung.Density * 100,9:0.00} {ofSteps}   {ofEvaluations}");
            rung.Contender.Dispose();
        }
        var totalOfSteps = FormattableString.Invariant($"{total.Min,9:0.0} {total.Median,10:0.0}");
        var totalOfEvaluations = FormattableString.Invariant($"{total.EvaluationMin,9:0.0} {total.EvaluationMedian,10:0.0}");
        Table.Write($"total {"",24}{totalOfSteps}   {"",20} {totalOfEvaluations}");
        Table.Write($"");
        var (steps, evaluations) = (Blocks * StepsPerBlock, Blocks * EvaluationsPerBlock);
        Table.Write($"Seconds are estimated from the times of {steps:#,0} steps and {evaluations} evaluations each, in {Blocks} turns.");
        Table.Write($"An evaluation is of {Subject.EvaluatedImages:#,0} images. k = 0 has no mask, the others a random one.");
    }

    private static double Seconds(double ms, int times) => ms * times / 1000;

    private sealed record Rung(int K, EngineContender Contender)
    {
        /// <summary>0.8^k, exactly.</summary>
        public decimal Density { get; } = Enumerable.Repeat(0.8m, K).Aggregate(1m, (product, factor) => product * factor);

        public List<double> StepMs { get; } = [];

        public List<double> EvaluationMs { get; } = [];

        public void Begin()
        {
            var work = K == 0 ? Work.All.First(work => work.Name == "dense") : Work.Ticket($"0.8^{K}", Density);
            Contender.Begin(work);
            Contender.Run(work.Warmup);
            Contender.Evaluate();
        }

        public void RunBlock()
        {
            StepMs.AddRange(Contender.Run(StepsPerBlock));
            for (var i = 0; i < EvaluationsPerBlock; i++) EvaluationMs.Add(Contender.Evaluate());
        }
    }
}
