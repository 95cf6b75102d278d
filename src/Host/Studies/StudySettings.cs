using Bnn.Core;
using Host.Experiments;

namespace Host.Studies;

/// <summary>The settings that a study may give.</summary>
public static class StudySettings
{
    public static StudyKeys Keys { get; } = StudyKeys.Of(RunSettings.Table);
}
