namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// What was asked for cannot be done as asked: an argument, a file or a device is not what it must be. The message is one line that
/// names the thing and the mend, written for the person who asked.
/// </summary>
public sealed class InvalidRequestException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What names the thing and the mend. Line ends in what it quotes become blanks: the message is one line.</param>
    /// <param name="innerException">What was found underneath, where there is anything.</param>
    public InvalidRequestException(string message, Exception? innerException = null)
        : base(message.ReplaceLineEndings(" "), innerException)
    {
    }
}
