using System.Security.Cryptography;

namespace Makemore.Gpu.Soak;

/// <summary>What a run leaves that must not depend on what happened to it: the fingerprints of its model and of its losses.</summary>
/// <param name="Model">The model's.</param>
/// <param name="Losses">The losses'.</param>
sealed record FinishedFiles(string Model, string Losses)
{
    /// <summary>Those of a run folder.</summary>
    /// <param name="folder">The folder.</param>
    public static FinishedFiles Read(string folder) =>
        new(Fingerprint(Path.Combine(folder, "model.safetensors")), Fingerprint(Path.Combine(folder, "metrics.jsonl")));

    static string Fingerprint(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}
