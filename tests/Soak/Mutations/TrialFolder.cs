
namespace Makemore.Gpu.Soak.Mutations;

/// <summary>
/// A folder with the material, in which trials run one after another, each on files as they should be but those that it damages. It is the
/// working folder until the end.
/// </summary>
sealed class TrialFolder : IDisposable
{
    const string DataFolderVariable = "XDG_DATA_HOME";

    // How long a call may take after it was asked to stop.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly Material material;
    readonly TimeSpan limit;
    readonly string former = Environment.CurrentDirectory;
    readonly string? formerDataFolder = Environment.GetEnvironmentVariable(DataFolderVariable);
    readonly string root = Directory.CreateTempSubdirectory("makemore-trials-").FullName;

    /// <summary>Writes the material, and enters the folder.</summary>
    /// <param name="material">The material.</param>
    /// <param name="limit">When a call is asked to stop.</param>
    public TrialFolder(Material material, TimeSpan limit)
    {
        this.material = material;
        this.limit = limit;
        Path = System.IO.Path.Combine(root, "parent", "work");
        Directory.CreateDirectory(Path);
        Environment.CurrentDirectory = Path;
        Environment.SetEnvironmentVariable(DataFolderVariable, System.IO.Path.Combine(root, "user-data"));
        Restore();
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Runs a trial in this process.</summary>
    /// <param name="trial">The trial.</param>
    public Ending Run(Trial trial) => Run(trial, args =>
    {
        using var error = new StringWriter();
        using var stop = new CancellationTokenSource(limit);
        int exitCode = 0;
        var work = new Thread(() => exitCode = Runner.Program.Run(args, TextWriter.Null, error, stop.Token)) { IsBackground = true };
        work.Start();
        return work.Join(limit + Patience) ? new Ending(exitCode, error.ToString(), Fault: null) : new Ending(0, "", "it hangs");
    });

    /// <summary>Runs a trial in any way.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="call">Runs the program.</param>
    public Ending Run(Trial trial, Func<string[], Ending> call)
    {
        foreach ((string file, byte[] bytes) in trial.Damaged)
        {
            File.WriteAllBytes(System.IO.Path.Combine(Path, file), bytes);
        }
        string[] args = [.. trial.Args, "--verbose"];
        Ending outcome = call(args);
        string? fault = outcome.Fault ?? Verdict.Of(outcome.ExitCode, outcome.Error) ?? Trespass(trial, args);
        Restore();
        return outcome with { Fault = fault };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Environment.CurrentDirectory = former;
        Environment.SetEnvironmentVariable(DataFolderVariable, formerDataFolder);
        Directory.Delete(root, recursive: true);
    }

    // What was changed that no run folder of the call holds.
    string? Trespass(Trial trial, string[] args)
    {
        string[] own = [.. args.SelectMany(arg => arg.Split('=', ':').Append(arg)).Append("runs").Select(FullPath).OfType<string>()];
        foreach (string path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            string name = Name(path);
            byte[]? expected = trial.Damaged.GetValueOrDefault(name) ?? material.Files.GetValueOrDefault(name);
            bool isOwn = own.Any(folder => path.StartsWith(folder + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal));
            if (!isOwn && (expected is null || !expected.AsSpan().SequenceEqual(File.ReadAllBytes(path))))
            {
                return $"it wrote '{name}'";
            }
        }
        return material.Files.Keys.FirstOrDefault(name => name.StartsWith(Material.Run, StringComparison.Ordinal) is false
            && !File.Exists(System.IO.Path.Combine(Path, name))) is { } lost ? $"it deleted '{lost}'" : null;
    }

    string? FullPath(string arg)
    {
        try
        {
            return arg.Length == 0 ? null : System.IO.Path.GetFullPath(arg, Path);
        }
        catch (ArgumentException)
        {
            // No path has such characters.
            return null;
        }
    }

    void Restore()
    {
        foreach (string folder in Directory.GetDirectories(Path).Where(folder => System.IO.Path.GetFileName(folder) != Material.Run))
        {
            Directory.Delete(folder, recursive: true);
        }
        foreach (string path in Directory.GetFiles(root, "*", SearchOption.AllDirectories))
        {
            if (!material.Files.ContainsKey(Name(path)))
            {
                File.Delete(path);
            }
        }
        foreach ((string name, byte[] bytes) in material.Files)
        {
            string path = System.IO.Path.Combine(Path, name);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            if (!File.Exists(path) || !bytes.AsSpan().SequenceEqual(File.ReadAllBytes(path)))
            {
                File.WriteAllBytes(path, bytes);
            }
        }
    }

    string Name(string path) => System.IO.Path.GetRelativePath(Path, path).Replace('\\', '/');
}
