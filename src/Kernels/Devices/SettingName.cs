namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// The names of settings in messages: those of properties and arguments for callers of the library, those of options on the command line.
/// </summary>
static class SettingName
{
    /// <summary>Whether messages are for the command line. The program sets it once, when it starts.</summary>
    public static bool IsOnCommandLine { get; set; }
    public static string Accelerator => Name("accelerator", "device");
    public static string Batch => Name("batch", "Batch");
    public static string BatchNormEpsilon => Name("bn-epsilon", "Normalization.Epsilon");
    public static string BatchNormMomentum => Name("bn-momentum", "Normalization.Momentum");
    public static string Column => Name("column", "column");
    public static string Context => Name("context", "Context");
    public static string DropAt => Name("drop-at", "DropAt");
    public static string Embedding => Name("embedding", "Embedding");
    public static string Encoding => Name("encoding", "encoding");
    public static string FinalRate => Name("final-rate", "FinalRate");
    public static string Fold => Name("fold", "folding");
    public static string Gain => Name("gain", "HiddenWeight.Scale");
    public static string Hidden => Name("hidden", "Hidden");
    public static string HiddenBias => Name("hidden-bias", "HiddenBias.Scale");
    public static string HiddenScale => Name("hidden-scale", "HiddenWeight.Scale");
    public static string L2 => Name("l2", "L2");
    public static string LearningRate => Name("learning-rate", "LearningRate");
    public static string Normalization => Name("normalization", "Normalization");
    public static string OutputBias => Name("output-bias", "OutputBias.Scale");
    public static string OutputGain => Name("output-gain", "OutputWeight.Scale");
    public static string OutputScale => Name("output-scale", "OutputWeight.Scale");
    public static string Precision => Name("precision", "precision");
    public static string Separator => Name("separator", "separator");
    public static string SkipBad => Name("skip-bad", "skipBad");
    public static string Steps => Name("steps", "Steps");
    public static string Strategy => Name("strategy", "Form");
    public static string Threads => Name("threads", "threads");

    static string Name(string option, string property) => IsOnCommandLine ? $"--{option}" : property;
}
