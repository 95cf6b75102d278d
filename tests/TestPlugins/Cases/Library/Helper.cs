using System.Reflection;

#if ONE
[assembly: AssemblyVersion("1.0.0.0")]
#else
[assembly: AssemblyVersion("2.0.0.0")]
#endif

namespace Helper;

/// <summary>A library of which two plugins bring two versions.</summary>
public static class Order
{
#if ONE
    public static double Ascending(int i) => i;
#else
    public static double Descending(int i) => -i;
#endif
}
