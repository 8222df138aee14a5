using System.Security.Cryptography;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Runner.Data;

/// <summary>Fetches names.txt of the makemore repository (MIT license), whole and with the right checksum or not at all.</summary>
static class NamesDownload
{
    /// <summary>The SHA-256 of the file.</summary>
    public const string Sha256 = "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d";

    /// <summary>The size of the file.</summary>
    public const int Bytes = 228_145;

    /// <summary>How long a server may send nothing before it is given up.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Where the file is.</summary>
    public static Uri Source { get; } = new("https://raw.githubusercontent.com/karpathy/makemore/master/names.txt");

    /// <summary>Fetches the file.</summary>
    /// <param name="source">Where from.</param>
    /// <param name="path">Where to. Where the download fails, nothing is written there or beside it.</param>
    /// <param name="progress">Called with the bytes so far.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidRequestException">It cannot be fetched or is another file; the message says what to do.</exception>
    public static void Fetch(Uri source, string path, Action<int> progress, CancellationToken cancellation)
    {
        byte[] bytes = FetchBytes(source, progress, cancellation);
        string sum = Sum(bytes);
        if (sum != Sha256)
        {
            throw new InvalidRequestException(
                $"{source} gave another file than the lectures' names.txt (SHA-256 {sum}, expected {Sha256}): "
                + "nothing was kept; try another --from");
        }
        string partial = path + ".partial";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(partial, bytes);
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(partial))
            {
                File.Delete(partial);
            }
            throw new InvalidRequestException($"'{path}' cannot be written: {fault.Message}", fault);
        }
    }

    /// <summary>The SHA-256 of some bytes, as <see cref="Sha256"/> has it.</summary>
    /// <param name="bytes">The bytes.</param>
    public static string Sum(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    static byte[] FetchBytes(Uri source, Action<int> progress, CancellationToken cancellation)
    {
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, source);
            using HttpResponseMessage response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            response.EnsureSuccessStatusCode();
            using Stream stream = response.Content.ReadAsStream(patience.Token);
            var bytes = new MemoryStream();
            var buffer = new byte[16 * 1024];
            int read;
            // One byte more than the file has is enough to show that it is another.
            while (bytes.Length <= Bytes && (read = stream.ReadAsync(buffer, patience.Token).AsTask().GetAwaiter().GetResult()) > 0)
            {
                bytes.Write(buffer, 0, read);
                progress((int)bytes.Length);
                patience.CancelAfter(Patience);
            }
            return bytes.ToArray();
        }
        catch (OperationCanceledException fault) when (!cancellation.IsCancellationRequested)
        {
            throw new InvalidRequestException(
                $"{source} did not answer for {Patience.TotalSeconds:0} s: try again later, or give --from a mirror", fault);
        }
        catch (HttpRequestException fault) when (fault.StatusCode is { } status)
        {
            throw new InvalidRequestException(
                $"{source} cannot be fetched: the server answers {(int)status} ({status}); give --from another place", fault);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            throw new InvalidRequestException(
                $"{source} cannot be fetched ({fault.Message}): are you online? Training works without it, on the embedded list", fault);
        }
    }
}
