namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Thrown when a request cannot be fulfilled because an argument, a file or a device is not what it must be. The message is one line for
/// the user that names the fault and its fix.
/// </summary>
public class InvalidRequestException : Exception
{
    /// <summary>Creates the exception by words of the program alone.</summary>
    /// <param name="message">The fault and its fix. Line ends become spaces.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public InvalidRequestException(string message, Exception? innerException = null)
        : base(message.ReplaceLineEndings(" "), innerException)
    {
    }

    /// <summary>Creates the exception by an interpolated string, whose inserted texts are shortened.</summary>
    /// <param name="message">The fault and its fix. Line ends, which quoted text may contain, become spaces.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    internal InvalidRequestException(Explanation message, Exception? innerException = null)
        : this(message.ToString(), innerException)
    {
    }
}
