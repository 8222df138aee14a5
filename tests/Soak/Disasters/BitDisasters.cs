using System.Globalization;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Soak.Mutations;

namespace Makemore.Gpu.Soak.Disasters;

/// <summary>
/// One bit flipped somewhere in the newest checkpoint: the run goes on from the one before, says so, and ends with the very files of a run
/// that nothing happened to.
/// </summary>
static class BitDisasters
{
    const string Newest = "run/checkpoints/step-20.safetensors";

    static readonly string[] Resumption = ["train", "--resume", Material.Run, "--steps", "24"];

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Flips bits.</summary>
    /// <param name="count">How many, one at a time.</param>
    public static IReadOnlyList<Disaster> Run(int count)
    {
        var material = Material.Make();
        using var folder = new TrialFolder(material, Limit);
        FinishedFiles? expected = null;
        Run(folder, [], _ => expected = FinishedFiles.Read(Material.Run));
        var random = new Random(1);
        int survived = 0, told = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = [.. material.Files[Newest]];
            int bit = random.Next(8 * bytes.Length);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            bool isSame = false;
            string error = Run(folder, new() { [Newest] = bytes }, _ => isSame = FinishedFiles.Read(Material.Run) == expected);
            bool isTold = error.Contains(Path.GetFileName(Newest), StringComparison.Ordinal);
            survived += isSame ? 1 : 0;
            told += isTold ? 1 : 0;
            if (!isSame)
            {
                Log.Write($"bit {bit}: another model or other losses came of it\n{error}");
            }
            if ((i + 1) % 100 == 0)
            {
                Log.Write($"{i + 1} bits, {i + 1 - survived} lost");
            }
        }
        string remark = $"{told.ToString(CultureInfo.InvariantCulture)} told; the others change no content";
        return [new("a bit flipped in the newest checkpoint", count, survived, remark, ThisMachine.Today)];
    }

    // What the program told.
    static string Run(TrialFolder folder, Dictionary<string, byte[]> damaged, Action<string> look) =>
        folder.Run(new Trial("bits", Seed: 0, Resumption, damaged), args =>
        {
            using var error = new StringWriter();
            int exitCode = Runner.Program.Run(args, TextWriter.Null, error);
            if (exitCode == 0)
            {
                look(folder.Path);
            }
            return new Ending(exitCode, error.ToString(), Fault: null);
        }).Error;
}
