namespace Makemore.Gpu.Model.Measuring;

/// <summary>
/// What an operation takes at least, whoever computes it: its arithmetic, and each input read and each output written once.
/// </summary>
/// <remarks>
/// A multiply-add is two operations; exp, erf and tanh are what their polynomials take (<see cref="ElementaryCosts"/>). What a kernel reads
/// twice, or keeps in a cache, does not count: the figures of two kernels for the same operation can be compared.
/// </remarks>
/// <param name="Flops">Floating-point operations.</param>
/// <param name="Values">Values of four bytes that are read or written.</param>
/// <param name="FlopsFormula">The operations as a formula of the sizes.</param>
/// <param name="ValuesFormula">The values as a formula of the sizes.</param>
sealed record Cost(double Flops, double Values, string FlopsFormula, string ValuesFormula)
{
    /// <summary>Bytes that are read or written.</summary>
    public double Bytes => sizeof(float) * Values;

    /// <summary>Floating-point operations for each byte.</summary>
    public double Intensity => Flops / Bytes;
}
