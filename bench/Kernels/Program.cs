using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using Host;
using Kernels;

// Types are named rather than found: Works.cs, compiled in from Compare, has no benchmarks but would be searched as well.
var config = DefaultConfig.Instance.WithArtifactsPath(Path.Combine(Places.OfProgram().Root, "BenchmarkDotNet.Artifacts"));
BenchmarkSwitcher.FromTypes([typeof(WholeSteps), typeof(LayerKernels<>)]).Run(args, config);
