// Multiplies two matrices on the best device of this machine, and prints the product and where it was computed.
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Tensors;

using var device = ComputeDevice.Open();
// A matrix lies in memory row after row.
using Tensor a = device.Tensor([2, 3], [1, 2, 3, 4, 5, 6]);
using Tensor b = device.Tensor([3, 2], [7, 8, 9, 10, 11, 12]);
using Tensor c = device.Kernels.MatMul.Multiply(a, b);

// Launches return at once. Reading the result waits for them.
foreach (float[] row in c.ToArray().Chunk(c.Shape[1]))
{
    Console.WriteLine(string.Join(' ', row));
}
Console.WriteLine($"computed on {device.Description}");
