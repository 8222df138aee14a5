namespace Makemore.Gpu.Soak.Disasters;

/// <summary>A folder for runs that goes with them. It is the working folder until then, and holds no user's data.</summary>
sealed class SoakFolder : IDisposable
{
    // Where the user's data lie, and where a model goes that finds no space in its run folder.
    static readonly string[] Variables = ["XDG_DATA_HOME", "TMPDIR"];

    readonly string former = Environment.CurrentDirectory;
    readonly string?[] formerValues = Array.ConvertAll(Variables, Environment.GetEnvironmentVariable);

    /// <summary>Makes it, and enters it.</summary>
    public SoakFolder()
    {
        Environment.CurrentDirectory = Path;
        SetVariables(_ => Path);
    }

    /// <summary>The folder.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("makemore-soak-").FullName;

    /// <summary>Deletes a folder within, where it is there.</summary>
    /// <param name="folder">The folder.</param>
    public static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        SetVariables(i => formerValues[i]);
        Environment.CurrentDirectory = former;
        Directory.Delete(Path, recursive: true);
    }

    static void SetVariables(Func<int, string?> value)
    {
        for (int i = 0; i < Variables.Length; i++)
        {
            Environment.SetEnvironmentVariable(Variables[i], value(i));
        }
    }
}
