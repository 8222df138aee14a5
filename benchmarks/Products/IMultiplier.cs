namespace Makemore.Gpu.Benchmarks.Products;

/// <summary>Somebody who multiplies matrices.</summary>
interface IMultiplier
{
    /// <summary>Who, for people.</summary>
    string Name { get; }

    /// <summary>Puts the operands of a product to where they are multiplied.</summary>
    /// <param name="operands">The operands.</param>
    IMultiplication Prepare(Operands operands);
}

/// <summary>A product whose operands lie where they are multiplied.</summary>
interface IMultiplication : IDisposable
{
    /// <summary>Computes it some times in a row, and waits for the end.</summary>
    /// <param name="count">How many times.</param>
    void Run(int count);

    /// <summary>C [M, N], once it was computed.</summary>
    float[] Read();
}
