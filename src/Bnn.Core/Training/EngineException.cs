namespace Bnn.Core;

/// <summary>An engine failed at something that it should be able to do: memory that ran out, a device that went away. It costs the training, no more.</summary>
public class EngineException(string message) : Exception(message);
