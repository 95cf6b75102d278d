namespace Bnn.Core;

/// <summary>
/// Images that a network wasn't trained on and has no class for, of the same size: how uncertain it is of them is compared with the test
/// images.
/// </summary>
/// <param name="Images">Its test images; their labels say nothing.</param>
/// <param name="Sha256">Of the unpacked file of these images, hex.</param>
public sealed record SecondSet(Samples Images, string Sha256)
{
    /// <summary>What tables call a set by the hash of its images: its first digits.</summary>
    public static string NameOf(string sha256) => sha256.Length > Digest.Digits ? sha256[..Digest.Digits] : sha256;

    /// <summary>The test images of another data set, or why they can't be compared with those of <paramref name="data"/>.</summary>
    public static Result<SecondSet> Of(Dataset other, Dataset data)
    {
        if (other.Rows != data.Rows || other.Columns != data.Columns)
        {
            return new Fault.BadSetting(
                "", $"images of {other.Rows}×{other.Columns} pixels",
                $"images of {data.Rows}×{data.Columns}, as those of the first data set",
                "give a data set with images of that size");
        }
        return other.Hashes.TestImages == data.Hashes.TestImages
            ? new Fault.BadSetting("", "the test images themselves", "another data set", "give one that nothing is trained on")
            : new SecondSet(other.Test.WithoutLabels(), other.Hashes.TestImages);
    }
}
