using System.IO.Compression;
using System.Text;
using Makemore.Gpu.Model.Checkpoints;

namespace Makemore.Gpu.Soak.Mutations;

/// <summary>Files that are as they should be, for mutations to start from: lists of names, and a run with checkpoints.</summary>
sealed class Material
{
    /// <summary>The plain list.</summary>
    public const string Names = "names.txt";

    /// <summary>The run folder.</summary>
    public const string Run = "run";

    /// <summary>The model of the run.</summary>
    public const string Model = "run/model.safetensors";

    /// <summary>Lists of names in other forms, each with the options that read it.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Lists = new Dictionary<string, string[]>
    {
        [Names] = [],
        ["names.csv"] = ["--column", "first name"],
        ["names.tsv"] = ["--column", "2", "--separator", "tab", "--comment", "#"],
        ["names.txt.gz"] = [],
        ["utf-16.txt"] = [],
        ["latin.txt"] = ["--encoding", "windows-1252"],
        ["letters.txt"] = ["--tokens", "grapheme", "--lower"],
    };

    static readonly string[] Plain =
    [
        "anna", "ben", "carla", "dora", "emil", "fritz", "greta", "hanna", "ida", "jonas", "karl", "lena", "mara", "nils", "otto", "paula",
        "rosa", "sara", "tom", "uwe", "vera", "willi", "xenia", "yann", "zoe", "alma", "bela", "clara", "dana", "elsa", "finn", "gustav",
    ];

    static readonly string[] Accented = ["Zoë", "Jürgen", "Ægir", "Łukasz", "Şule", "नेहा", "王伟", "👩‍👩‍👧", "אבי", "O'Neil"];

    Material(IReadOnlyDictionary<string, byte[]> files, byte[] modelWithoutChecksum)
    {
        Files = files;
        ModelWithoutChecksum = modelWithoutChecksum;
    }

    /// <summary>The files by their paths, with slashes.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; }

    /// <summary>The model as earlier versions wrote it: of what is damaged in it, more is read.</summary>
    public byte[] ModelWithoutChecksum { get; }

    /// <summary>Makes the files. The working folder is another one meanwhile.</summary>
    public static Material Make()
    {
        string former = Environment.CurrentDirectory;
        string folder = Directory.CreateTempSubdirectory("makemore-material-").FullName;
        try
        {
            Environment.CurrentDirectory = folder;
            WriteLists();
            // A checkpoint at each end: of those between, a slow disk leaves some out.
            Call(Training("--run", Run, "--steps", "10", "--keep-best", "--watch"));
            Call("train", "--resume", Run, "--steps", "20");
            var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToDictionary(
                path => Path.GetRelativePath(folder, path).Replace('\\', '/'), File.ReadAllBytes);
            return new Material(files, WithoutChecksum());
        }
        finally
        {
            Environment.CurrentDirectory = former;
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A short training, as an option list.</summary>
    /// <param name="options">What is added.</param>
    public static string[] Training(params string[] options) =>
        ["train", "--data", Names, "--accelerator", "cpu", "--hidden", "8", "--batch", "8", .. options];

    static void Call(params string[] args)
    {
        using var error = new StringWriter();
        if (Runner.Program.Run(args, TextWriter.Null, error) != 0)
        {
            throw new InvalidOperationException($"the material cannot be made: {error}");
        }
    }

    static byte[] WithoutChecksum()
    {
        SafeTensors file = SafeTensors.Read(Model);
        const string Unsummed = "unsummed.safetensors";
        (file with { Metadata = file.Metadata.Where(entry => entry.Key != "checksum").ToDictionary() }).Write(Unsummed);
        return File.ReadAllBytes(Unsummed);
    }

    static void WriteLists()
    {
        string plain = string.Join('\n', Plain) + "\n";
        File.WriteAllText(Names, plain);
        File.WriteAllText("names.csv", "id,first name,since\r\n" + string.Concat(Plain.Select((name, i) => $"{i},\"{name}\",19{i}\r\n")));
        File.WriteAllText("names.tsv", "# a list\n" + string.Concat(Accented.Concat(Plain).Select((name, i) => $"{i}\t{name}\t\n")));
        File.WriteAllText("utf-16.txt", string.Join('\n', Accented.Concat(Plain)), Encoding.Unicode);
        File.WriteAllBytes("latin.txt", Encoding.Latin1.GetBytes(plain + "Zoë\nJürgen\n"));
        File.WriteAllText("letters.txt", string.Join('\n', Accented.Concat(Plain)));
        File.WriteAllBytes("names.txt.gz", Compress(Encoding.UTF8.GetBytes(plain)));
    }

    /// <summary>Compresses bytes by gzip.</summary>
    /// <param name="bytes">The bytes.</param>
    public static byte[] Compress(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
        {
            stream.Write(bytes);
        }
        return packed.ToArray();
    }

    /// <summary>Unpacks what <see cref="Compress"/> has made.</summary>
    /// <param name="bytes">The bytes.</param>
    public static byte[] Unpack(byte[] bytes)
    {
        using var stream = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        return plain.ToArray();
    }
}
