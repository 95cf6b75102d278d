namespace Bnn.Store;

/// <summary>
/// Empty files that say by their names which trainings are done, all in one folder: one listing then tells what otherwise takes a look
/// into the folder of each training, which on a shared disk is minutes for a hundred thousand.
/// </summary>
/// <remarks>
/// They are hints: made after what they tell of, and missing where the disk refused them. Who acts on one finds out from the training's own
/// files whether it is true.
/// </remarks>
public sealed class Marks(FileLayer files, string folder)
{
    /// <summary>Makes the folder that they are in, unless it is there.</summary>
    public void CreateFolder() => files.CreateFolder(folder);

    /// <summary>Marks a training, by its key; silent where the disk refuses it.</summary>
    public void Set(string name)
    {
        try
        {
            files.Create(PathOf(name)).Dispose();
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            // It is there already; or else whoever looks into the training's folder sees it all the same.
        }
    }

    /// <summary>Takes the mark from a training; silent where the disk refuses it.</summary>
    public void Clear(string name)
    {
        try
        {
            if (files.Exists(PathOf(name))) files.Delete(PathOf(name));
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            // As above.
        }
    }

    /// <summary>The names that are marked; none where the disk doesn't let them be listed.</summary>
    public HashSet<string> All()
    {
        try
        {
            return files.NamesIn(folder).ToHashSet(StringComparer.Ordinal);
        }
        catch (Exception e) when (Disk.IsAtFault(e))
        {
            return new HashSet<string>(StringComparer.Ordinal);
        }
    }

    private string PathOf(string name) => Path.Combine(folder, name);
}

/// <summary>What listings alone tell of the trainings of a results folder, by key.</summary>
/// <param name="Done">Those that are marked as done, and are there.</param>
/// <param name="Begun">Those that have a folder.</param>
/// <param name="Gone">Those that are marked as done and aren't there: someone deleted them by hand.</param>
public sealed record TrainingList(
    IReadOnlySet<string> Done, IReadOnlySet<string> Begun, IReadOnlyCollection<string> Gone);
