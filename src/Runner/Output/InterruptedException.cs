using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Runner.Output;

/// <summary>Work was interrupted; the message says what is left of it.</summary>
/// <param name="message">One line.</param>
sealed class InterruptedException(Explanation message) : OperationCanceledException(message.ToString());
