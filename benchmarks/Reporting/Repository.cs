using System.Xml.Linq;
using Makemore.Gpu.Kernels.Devices;

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

    /// <summary>The version of a package that the repository's projects use.</summary>
    /// <param name="name">The package.</param>
    public static string PackageVersion(string name) =>
        XDocument.Load(Path.Combine(Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Single(package => package.Attribute("Include")?.Value == name).Attribute("Version")!.Value;
}
