using Host.Commands;

return CommandLine.Run(args);
