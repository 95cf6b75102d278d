namespace PluginEmpty;

/// <summary>Sound code that isn't a strategy.</summary>
public static class NoStrategy
{
    public static int Answer => 42;
}
