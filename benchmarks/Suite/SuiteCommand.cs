using System.CommandLine;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Suite;

/// <summary>The command behind gpu-suite: everything that is to be tested on a GPU, in one run of at most ten minutes.</summary>
static class SuiteCommand
{
    static readonly Option<string> Accelerator = new("--accelerator")
    {
        Description = "the accelerator to test; another than a GPU only tries the suite itself",
        HelpName = "A",
        DefaultValueFactory = _ => "cuda",
    };

    static readonly Option<string> Out = new("--out")
    {
        Description = "the folder for the results; ./gpu-results",
        HelpName = "DIR",
        DefaultValueFactory = _ => "gpu-results",
    };

    static readonly Option<string?> Data = new("--data")
    {
        Description =
            "the lectures' names.txt, for the golden losses; else the file that MAKEMORE_NAMES names, else names.txt beside gpu-suite",
        HelpName = "FILE",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("MAKEMORE_NAMES") is { Length: > 0 } path ? path : Bundle.OwnNames,
    };

    static readonly Option<string> Python = new("--python")
    {
        Description = "the Python that has PyTorch; python3",
        HelpName = "PROGRAM",
        DefaultValueFactory = _ => "python3",
    };

    static readonly Option<bool> Quick = new("--quick") { Description = "small sizes and few tests, to try the suite itself" };

    static readonly Option<int> Limit = new("--limit")
    {
        Description = "how many seconds all may take on a GPU: what comes late is left out; 590",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 590,
    };

    static readonly Option<string[]> Only =
        new("--only") { Description = "only this part, such as check; several times for several", HelpName = "PART" };

    /// <summary>Runs the suite.</summary>
    /// <param name="args">The options.</param>
    /// <returns>0 where every check passed, 1 where one did not, 2 where the call is wrong.</returns>
    /// <exception cref="InvalidRequestException">The call is wrong, or the accelerator is not there.</exception>
    public static int Run(string[] args)
    {
        var command = new RootCommand("Tests and measures Makemore.Gpu on a GPU, beside PyTorch where python3 has it.")
        {
            Accelerator, Out, Data, Python, Quick, Limit, Only,
        };
        command.SetAction(Run);
        ParseResult parsed = command.Parse(args);
        return parsed.Errors.Count > 0
            ? throw new InvalidRequestException($"{parsed.Errors[0].Message} (see gpu-suite --help)")
            : parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    static int Run(ParseResult parsed)
    {
        Bundle.Check();
        FoundDevice device = Accelerators.Choose(parsed.GetValue(Accelerator)!);
        string? names = parsed.GetValue(Data) is { } path ? Path.GetFullPath(path) : null;
        if (names is not null && !File.Exists(names))
        {
            throw new InvalidRequestException($"there is no '{names}': give the lectures' names.txt by --data FILE, or leave it out");
        }
        string folder = CreateFolder(parsed.GetValue(Out)!);
        string temporary = Directory.CreateTempSubdirectory("makemore-").FullName;
        try
        {
            var parts = new Parts(
                new Bundle(names, temporary), device, names, parsed.GetValue(Python)!, parsed.GetValue(Quick), folder, temporary);
            GpuResults results = parts.Run(TimeSpan.FromSeconds(parsed.GetValue(Limit)), parsed.GetValue(Only) ?? []);
            string table = GpuTable.ToMarkdown(results);
            ResultsFile.Write(Path.Combine(folder, GpuResults.Kind + ".json"), results);
            File.WriteAllText(Path.Combine(folder, "table.md"), table);
            Console.WriteLine();
            Console.WriteLine(table);
            Console.WriteLine(
                $"results in {folder}; to keep them, copy gpu.json, networks.json and operations.json to "
                + "benchmarks/results/NAME and run benchmarks -- readme");
            return results.Succeeded ? 0 : 1;
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
            Accelerators.Close();
        }
    }

    static string CreateFolder(string path)
    {
        try
        {
            return Directory.CreateDirectory(path).FullName;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InvalidRequestException(
                $"the results cannot be written to '{path}': {fault.Message} (give another folder by --out DIR)", fault);
        }
    }
}
