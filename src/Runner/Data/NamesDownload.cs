using System.Security.Cryptography;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;

namespace Makemore.Gpu.Runner.Data;

/// <summary>Fetches names.txt of the makemore repository (MIT license), whole and with the right checksum or not at all.</summary>
static class NamesDownload
{
    /// <summary>The SHA-256 of the file.</summary>
    public const string Sha256 = "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d";

    /// <summary>The size of the file.</summary>
    public const int Bytes = 228_145;

    const int MostRedirections = 10;

    const string Otherwise = "train without it, on the list that comes with the program or on names of your own by --data FILE";

    // How long a server may send nothing before it is given up.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // Enough for two kilobytes a second.
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Where the file is.</summary>
    public static Uri Source { get; } = new("https://raw.githubusercontent.com/karpathy/makemore/master/names.txt");

    /// <summary>Fetches the file.</summary>
    /// <param name="source">Where from.</param>
    /// <param name="path">Where to. Where the download fails, nothing is written there or beside it.</param>
    /// <param name="progress">Called with the bytes so far.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="limit">How long it may take in all; null for a time that a slow line needs.</param>
    /// <exception cref="InvalidRequestException">It is not there, or is another file; the message says what to do.</exception>
    /// <exception cref="IOException">The server cannot be reached; the message says what to do.</exception>
    public static void Fetch(
        Uri source, string path, Action<int> progress, CancellationToken cancellation, TimeSpan? limit = null)
    {
        byte[] bytes = FetchBytes(source, limit ?? Limit, progress, cancellation);
        string sum = Sum(bytes);
        if (sum != Sha256)
        {
            throw new InvalidRequestException(
                $"{source} gave another file than the lectures' names.txt (SHA-256 {sum}, expected {Sha256}): "
                + $"nothing was kept; try another --from");
        }
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            DurableFile.Write(path, file => file.Write(bytes));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InvalidRequestException($"'{path}' cannot be written: {Explanation.ReasonOf(fault)}", fault);
        }
    }

    /// <summary>The bytes of a file, where it is the lectures' file; else null.</summary>
    /// <param name="path">The file, which may be damaged, or missing.</param>
    public static byte[]? ReadWhole(string path)
    {
        byte[]? bytes = RegularFile.LengthOf(path) == Bytes ? File.ReadAllBytes(path) : null;
        return bytes is not null && Sum(bytes) == Sha256 ? bytes : null;
    }

    static string Sum(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    static byte[] FetchBytes(Uri source, TimeSpan limit, Action<int> progress, CancellationToken cancellation)
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var whole = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        whole.CancelAfter(limit);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(whole.Token);
        patience.CancelAfter(Patience);
        try
        {
            using HttpResponseMessage response = Ask(client, source, patience.Token);
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
            TimeSpan waited = whole.IsCancellationRequested ? limit : Patience;
            string what = whole.IsCancellationRequested ? "did not send all of the file within" : "did not answer for";
            throw Unreached($"{source} {what} {waited.TotalSeconds:0} s: try again later, give --from a mirror, or {Otherwise}", fault);
        }
        catch (HttpRequestException fault) when (fault.StatusCode is { } status)
        {
            throw new InvalidRequestException(
                $"{source} cannot be fetched: the server answers {(int)status} ({status}); give --from another place", fault);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            throw Unreached($"{source} cannot be fetched ({Explanation.ReasonOf(fault)}): are you online? Else {Otherwise}", fault);
        }
    }

    // The call is right, and fails at work.
    static IOException Unreached(Explanation message, Exception fault) => new(message.ToString(), fault);

    // A redirection may lead to another server, and to a safer scheme, but to no other one, such as that of files.
    static HttpResponseMessage Ask(HttpClient client, Uri source, CancellationToken cancellation)
    {
        Uri address = source;
        for (int redirections = 0; redirections <= MostRedirections; redirections++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            HttpResponseMessage response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if ((int)response.StatusCode is < 300 or >= 400 || response.Headers.Location is not { } location)
            {
                return response;
            }
            response.Dispose();
            var next = new Uri(address, location);
            if (next.Scheme != Uri.UriSchemeHttps && next.Scheme != address.Scheme)
            {
                throw new InvalidRequestException(
                    $"{source} redirects to {next}, and only {address.Scheme} and https are followed from there: try another --from");
            }
            address = next;
        }
        throw new InvalidRequestException($"{source} redirects more than {MostRedirections} times: try another --from");
    }
}
