using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Output;

/// <summary>How hints name the program.</summary>
[Platform(Exclude = "Win", Reason = "the paths are those of Unix")]
sealed class ProgramCallTests : CommandTests
{
    const string Build = "/code/src/Runner/bin/Release/net10.0/makemore";
    const string Package = "/home/u/.nuget/packages/makemore.gpu/1.0.0/tools/net10.0/any/makemore.dll";
    const string Dotnet = "/usr/share/dotnet/dotnet";

    [TestCase("/home/u/.dotnet/tools/makemore", "/home/u/.dotnet/tools/.store/a/makemore.dll", "/", false, "makemore")]
    [TestCase(Build, $"{Build}.dll", "/code", true, "dotnet run -c Release --project src/Runner --")]
    [TestCase(Build, $"{Build}.dll", "/code/src/Runner", true, "dotnet run -c Release --")]
    [TestCase(Build, $"{Build}.dll", "/code", false, "src/Runner/bin/Release/net10.0/makemore")]
    [TestCase(Build, $"{Build}.dll", "/code/src/Runner/bin/Release/net10.0", false, "./makemore")]
    [TestCase(Build, $"{Build}.dll", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q", false, Build)]
    [TestCase("/my tools/makemore", "/my tools/makemore.dll", "/my tools/below/it/far/away/from", false, "'/my tools/makemore'")]
    [TestCase(Dotnet, $"{Build}.dll", "/code", false, "dotnet src/Runner/bin/Release/net10.0/makemore.dll")]
    [TestCase(Dotnet, Package, "/code", true, "dnx makemore.gpu")]
    public void A_hint_names_the_program_as_it_was_called(
        string process, string assembly, string folder, bool isByDotnet, string call) => Assert.That(
        new ProgramCall(process, assembly, folder, "/usr/bin:/home/u/.dotnet/tools", isByDotnet).ToString(), Is.EqualTo(call));

    [Test]
    public void A_tool_of_a_manifest_is_called_through_it()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "below"));
        Write("dotnet-tools.json", "{}");
        var call = new ProgramCall(Dotnet, Package, Path.Combine(Folder, "below"), "/usr/bin", IsByDotnet: true);
        Assert.That(call.ToString(), Is.EqualTo("dotnet makemore"));
    }

    [Test]
    public void Arguments_are_quoted_for_the_shell() => Assert.That(
        ProgramCall.With("train", "--resume", "runs/the first's"), Is.EqualTo(@"makemore train --resume 'runs/the first'\''s'"));

    [Test]
    public void Hints_of_a_process_hold_its_path() => Assert.That(
        MakemoreProcess.Run(["trian"]).Error, Does.Match(@"\(see dotnet \S*makemore\.dll --help\)"));
}
