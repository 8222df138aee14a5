namespace Makemore.Gpu.Runner.Tests.Support;

/// <summary>A small model on the small names for tests of the commands that use one, trained once.</summary>
static class TrainedModel
{
    public const string FileName = "model.safetensors";

    /// <summary>How it was trained.</summary>
    public static readonly string[] Settings = ["--hidden", "8", "--batch", "8", "--steps", "20", "--accelerator", "cpu"];

    static readonly Dictionary<string, byte[]> Bytes = [];

    /// <summary>Writes the model of a recipe into the working folder, and gives the file's name.</summary>
    public static string Write(string recipe = "batchnorm")
    {
        if (!Bytes.TryGetValue(recipe, out byte[]? bytes))
        {
            string names = SmallNames.Write();
            Program.Run(["train", "--data", names, "--recipe", recipe, "--run", "trained", .. Settings], TextWriter.Null, TextWriter.Null);
            bytes = File.ReadAllBytes(Path.Combine("trained", FileName));
            Bytes.Add(recipe, bytes);
            Directory.Delete("trained", recursive: true);
            File.Delete(names);
        }
        File.WriteAllBytes(FileName, bytes);
        return FileName;
    }
}
