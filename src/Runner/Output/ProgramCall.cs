using System.Text.RegularExpressions;

namespace Makemore.Gpu.Runner.Output;

/// <summary>
/// How the program was called, for hints that name a command: as the installed tool, from its source code by <c>dotnet run</c>, or by a
/// path. A hint can then be copied into the same shell.
/// </summary>
/// <param name="Process">The executable of the process: the program's own, or that of .NET.</param>
/// <param name="Assembly">The program's assembly.</param>
/// <param name="Folder">The working folder.</param>
/// <param name="SearchPath">The folders in which a shell looks for programs.</param>
/// <param name="IsByDotnet">Whether the <c>dotnet</c> command started the process.</param>
sealed partial record ProgramCall(string Process, string Assembly, string Folder, string SearchPath, bool IsByDotnet)
{
    const string Name = "makemore";

    // The dotnet command sets it for all that it starts.
    const string DotnetVariable = "MSBUILDFAILONDRIVEENUMERATINGWILDCARD";

    // In the working folder of the call, whatever becomes of it later.
    static readonly string Own =
        Environment.GetCommandLineArgs() is [var assembly, ..] && Path.GetFileNameWithoutExtension(assembly) == Name
        ? new ProgramCall(
            Environment.ProcessPath ?? "", assembly, Environment.CurrentDirectory, Environment.GetEnvironmentVariable("PATH") ?? "",
            Environment.GetEnvironmentVariable(DotnetVariable) is not null).ToString()
        : Name;

    /// <summary>A call of the program, as this one was made.</summary>
    /// <param name="arguments">The command and what follows it; each is quoted where a POSIX shell would take it apart.</param>
    public static string With(params IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quote).Prepend(Own));

    /// <summary>An argument as a POSIX shell takes it.</summary>
    /// <param name="argument">The argument.</param>
    public static string Quote(string argument) =>
        Plain().IsMatch(argument) ? argument : $"'{argument.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>What stands before the arguments.</summary>
    public override string ToString()
    {
        string[] above = [.. FoldersAbove(Assembly)];
        if (Path.GetFileNameWithoutExtension(Process) != Name)
        {
            // A package's folder is ID/VERSION/tools/FRAMEWORK/any.
            return above is [_, _, "tools", _, var package, "packages", ..]
                ? HasManifest(Folder) ? $"dotnet {Name}" : $"dnx {package}"
                : $"dotnet {Quote(Near(Assembly))}";
        }
        if (SearchPath.Split(Path.PathSeparator).Any(folder => IsSame(Path.Combine(folder, Path.GetFileName(Process)))))
        {
            return Name;
        }
        return IsByDotnet && above is [_, var configuration, "bin", ..] ? Run(configuration) : Quote(Near(Process));
    }

    string Run(string configuration)
    {
        string project = Relative(Path.GetFullPath(Path.Combine(Assembly, "..", "..", "..", "..")));
        return $"dotnet run -c {configuration}{(project == "." ? "" : $" --project {Quote(project)}")} --";
    }

    // A shell looks for a name without a folder elsewhere.
    string Near(string path) =>
        Relative(path) is var near && near.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) ? near : Path.Combine(".", near);

    // The shorter one of the path from the working folder and the whole path.
    string Relative(string path) =>
        Path.GetRelativePath(Folder, path) is var relative && relative.Length <= path.Length ? relative : path;

    // A shell may find a link to it.
    bool IsSame(string path) =>
        path == Process || (File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName == Process);

    static bool HasManifest(string folder) => new DirectoryInfo(folder) is var innermost && Above(innermost).Any(above =>
        File.Exists(Path.Combine(above.FullName, "dotnet-tools.json"))
        || File.Exists(Path.Combine(above.FullName, ".config", "dotnet-tools.json")));

    static IEnumerable<DirectoryInfo> Above(DirectoryInfo? folder)
    {
        for (; folder is not null; folder = folder.Parent)
        {
            yield return folder;
        }
    }

    static IEnumerable<string> FoldersAbove(string file) => Above(new FileInfo(file).Directory).Select(folder => folder.Name);

    [GeneratedRegex(@"^[A-Za-z0-9_%+=:,./-]+\z")]
    private static partial Regex Plain();
}
