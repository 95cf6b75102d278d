using Host.Commands;
using Host.Plugins;
using Xunit.MicrosoftTestingPlatform;

// Where the host runs in this process, the children in which strategies score are this program as well.
if (args is [ChildProcess.ProbeCommand or ChildProcess.ScoreCommand, ..]) return CommandLine.Run(args);
return await TestPlatformTestFramework.RunAsync(args, Reliability.SelfRegisteredExtensions.AddSelfRegisteredExtensions);
