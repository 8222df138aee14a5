using Makemore.Gpu.Kernels;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>Where the repository is: results are read and written there, from whatever folder the program is started.</summary>
static class Repository
{
    /// <summary>The folder of the solution, above this program.</summary>
    public static string Root
    {
        get
        {
            DirectoryInfo? folder = new(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Makemore.Gpu.sln")))
            {
                folder = folder.Parent;
            }
            return folder?.FullName
                ?? throw new InvalidRequestException("the results are kept in the repository: build and run the benchmarks inside it");
        }
    }
}
