namespace Bnn.Core;

/// <summary>
/// An engine failed at something that it should be able to do: it ran out of memory, or lost a device. Only its training fails.
/// </summary>
public class EngineException(string message) : Exception(message);
